import { abortable } from "../lib/async/abortable.ts";
import type { DaemonDeps } from "./deps.ts";

type Deps = Pick<DaemonDeps, "services" | "status" | "clock" | "bus" | "pulse" | "beats">;

/** I/O that takes longer is said, in milliseconds. systemd's patience is longer. */
const patienceMs = 30_000;

/**
 * Tells systemd's watchdog that the agent gets its work done: a file can be read, and the loops that watch
 * come round in their time. Without that there is no sign of life, and systemd starts the agent anew.
 */
export async function keepBeating(deps: Deps, signal: AbortSignal): Promise<void> {
  const limit = deps.services.watchdogMs();
  if (limit === undefined) return;
  let stuck = 0;
  try {
    while (true) {
      await ioWorks(deps, signal);
      const overdue = deps.beats.overdue();
      stuck = overdue.length === 0 ? 0 : stuck + 1;
      if (stuck === 0) await deps.services.alive();
      // A process that was stopped for a while finds everything late at first.
      if (stuck === 2) reportStuck(deps, `${overdue.join(" and ")} did not come round in time`);
      // What a full disk did not take is tried again: after a run nothing may happen for long. Nobody waits for a disk.
      void deps.status.flush();
      await deps.clock.sleep(stuck === 0 ? limit : limit / 4, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Resolves when a file could be touched and read, however long that takes. */
async function ioWorks(deps: Deps, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const proof = deps.pulse.prove();
  deps.clock.sleep(patienceMs, AbortSignal.any([signal, over.signal])).then(
    () => reportStuck(deps, `no file could be read for ${patienceMs / 1000} s`),
    () => undefined,
  );
  try {
    await abortable(proof, signal);
  } finally {
    over.abort();
  }
}

function reportStuck({ bus }: Deps, why: string): void {
  const text = `The agent hangs: ${why}. systemd gets no sign of life until that ends, and starts the agent anew`;
  bus.emit({ type: "notice", level: "error", code: "agent-stuck", text });
}
