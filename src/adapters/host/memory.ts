import type { EventListener } from "../../domain/events.ts";

/** What follows a run at once (systemd told, the status written) is still part of it. */
const afterMs = 5_000;

/**
 * Gives memory back a moment after each run, unless another one has begun: what is garbage, and the compiled code of
 * functions, which is read from the executable again when they are called. The runtime does so by itself while its
 * heap grows, and an idle heap does not.
 */
export function releaseAfterRuns(release: () => void = releaseMemory): EventListener {
  let timer: NodeJS.Timeout | undefined;
  return ({ type }) => {
    if (type !== "run-started" && type !== "run-finished") return;
    clearTimeout(timer);
    if (type === "run-finished") timer = setTimeout(release, afterMs).unref();
  };
}

/** `node:` has no call for it. On another runtime than the one that ships nothing happens. */
function releaseMemory(): void {
  const runtime: unknown = Reflect.get(globalThis, "Bun");
  if (typeof runtime !== "object" || runtime === null || !("shrink" in runtime)) return;
  if (typeof runtime.shrink === "function") Reflect.apply(runtime.shrink, runtime, []);
}
