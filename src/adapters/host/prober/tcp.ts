import { connect } from "node:net";
import type { CheckTarget } from "../../../domain/health/check.ts";
import type { Seen } from "./seen.ts";

/** Connects and hangs up. */
export function probeTcp(target: CheckTarget<"tcp">, signal: AbortSignal): Promise<Seen> {
  const { promise, resolve, reject } = Promise.withResolvers<Seen>();
  const socket = connect({ host: target.host, port: target.port });
  function hangUp(): void {
    socket.destroy();
  }
  signal.addEventListener("abort", hangUp, { once: true });
  socket.once("connect", () => resolve({ ok: true, seen: "a connection" }));
  socket.once("error", reject);
  return promise.finally(() => {
    signal.removeEventListener("abort", hangUp);
    hangUp();
  });
}
