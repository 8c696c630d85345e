import type { Reloads } from "../../ports/reloads.ts";

/** Sends SIGHUP. @throws the system's error, where there is no such process */
export function hangUp(pid: number): void {
  process.kill(pid, "SIGHUP");
}

/** SIGHUP, from now on: it no longer ends the process. */
export function listenForHangUp(): Reloads {
  let isAsked = false;
  let heard = Promise.withResolvers<void>();
  process.on("SIGHUP", () => {
    isAsked = true;
    heard.resolve();
  });
  return {
    async asked(signal) {
      while (!isAsked) {
        signal.throwIfAborted();
        heard = Promise.withResolvers();
        const { promise, reject } = heard;
        const onAbort = () => reject(signal.reason);
        signal.addEventListener("abort", onAbort, { once: true });
        await promise.finally(() => signal.removeEventListener("abort", onAbort));
      }
      isAsked = false;
    },
  };
}
