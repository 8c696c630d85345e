import type { StatusReport } from "../domain/instance/status.ts";
import { abortable } from "../lib/async/abortable.ts";
import { firstOf } from "../lib/async/first.ts";
import type { DaemonDeps } from "./deps.ts";

type Deps = Pick<DaemonDeps, "status" | "bus">;

/**
 * Resolves as soon as the status matches. It needs no polling: only events change the status.
 * @throws the signal's reason when it aborts
 */
export async function untilStatus(
  { status, bus }: Deps,
  isSo: (status: StatusReport) => boolean,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  if (isSo(status.current())) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  // The status keeper has listened for longer, so it has applied this event already.
  const stop = bus.listen(() => isSo(status.current()) && resolve());
  try {
    await abortable(promise, signal);
  } finally {
    stop();
  }
}

/** Whether the instance stays in this state for that long. */
export async function staysIn(
  deps: Deps & Pick<DaemonDeps, "clock">,
  state: StatusReport["state"],
  forMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  return staysSo(deps, (status) => status.state === state, forMs, signal);
}

/** Whether the status matches for that long without a break. */
export async function staysSo(
  deps: Deps & Pick<DaemonDeps, "clock">,
  isSo: (status: StatusReport) => boolean,
  forMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  return firstOf(signal, [
    (own) => deps.clock.sleep(forMs, own).then(() => true),
    (own) => untilStatus(deps, (status) => !isSo(status), own).then(() => false),
  ]);
}
