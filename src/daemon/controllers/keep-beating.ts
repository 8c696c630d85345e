import { abortable } from "../../lib/async/abortable.ts";
import type { DaemonDeps } from "../deps.ts";

type Deps = Pick<DaemonDeps, "services" | "status" | "clock" | "bus" | "pulse" | "beats">;

/** Slower I/O is reported, in milliseconds. systemd's own limit is longer. */
const patienceMs = 30_000;

/**
 * Sends systemd's watchdog a sign of life while the agent works: a file can be read, and every loop reports in time.
 * Without a sign of life systemd restarts the agent.
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
      // After the process was stopped for a while, every loop is late once.
      if (stuck === 2) reportStuck(deps, `${overdue.join(" and ")} did not come round in time`);
      // Retry the writes that a full disk refused: no event may come for long after a run. Do not wait for the disk.
      void deps.status.flush();
      await deps.clock.sleep(stuck === 0 ? limit : limit / 4, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Resolves when a file has been written and read, however long that takes. */
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
