import { reportOf } from "../domain/errors.ts";
import type { HeldLock } from "../ports/run-lock.ts";
import type { Reloads } from "../ports/reloads.ts";
import type { DaemonDeps } from "./deps.ts";

type Deps = Pick<DaemonDeps, "turns" | "membership" | "bus" | "clock">;

/** Puts the daemon together with settings that were read. */
export type PutTogether = () => Promise<DaemonDeps>;

/** Reads the settings as they are now. @throws MusterError `settings-missing`, `settings-invalid` */
export type Prepare = () => Promise<PutTogether>;

/** Between two looks whether a drain is over, in milliseconds. */
const pollMs = 1_000;

/**
 * Resolves when somebody asked for other settings, they are valid, and nothing is under way that works with those
 * there are. It then has the turn for good: nothing begins any more. Settings that are not valid are said.
 */
export async function awaitReload(
  deps: Deps,
  reloads: Reloads,
  prepare: Prepare,
  signal: AbortSignal,
): Promise<PutTogether> {
  while (true) {
    await reloads.asked(signal);
    // Said at once, however long a run goes on.
    if ((await prepared(deps, prepare, signal)) === undefined) continue;
    const turn = await idle(deps, signal);
    // Somebody may have gone on writing meanwhile.
    const again = await prepared(deps, prepare, signal);
    if (again !== undefined) {
      const text = "The settings were read again, and are in force from now on";
      deps.bus.emit({ type: "notice", level: "info", code: "settings-reloaded", text });
      return again;
    }
    await turn.release();
  }
}

async function prepared({ bus }: Deps, prepare: Prepare, signal: AbortSignal): Promise<PutTogether | undefined> {
  try {
    return await prepare();
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = reportOf(error);
    const text = `The settings cannot be used, those before stay in force: ${message}`;
    bus.emit({ type: "notice", level: "error", code, text });
    return undefined;
  }
}

/** Takes the turn when neither a run nor a drain, which goes on beside one, is under way. */
async function idle({ turns, membership, clock }: Deps, signal: AbortSignal): Promise<HeldLock> {
  while (true) {
    const turn = await turns.acquire("a reload", Number.POSITIVE_INFINITY, signal, () => undefined);
    if (!membership.status().settling) return turn;
    await turn.release();
    await clock.sleep(pollMs, signal);
  }
}
