import { reportOf } from "../domain/errors/errors.ts";
import type { HeldLock } from "../ports/run-lock.ts";
import type { Reloads } from "../ports/reloads.ts";
import type { DaemonDeps } from "./deps.ts";

type Deps = Pick<DaemonDeps, "turns" | "membership" | "bus" | "clock">;

/** Builds the daemon from settings that were read. */
export type PutTogether = () => Promise<DaemonDeps>;

/** Reads the current settings. @throws MusterError `settings-missing`, `settings-invalid` */
export type Prepare = () => Promise<PutTogether>;

/** How often to check whether a drain has ended, in milliseconds. */
const pollMs = 1_000;

/**
 * Resolves when a reload was requested, the new settings are valid, and no run and no drain is under way. The reload
 * keeps the turn, so that no work starts any more. Invalid settings are reported.
 */
export async function awaitReload(
  deps: Deps,
  reloads: Reloads,
  prepare: Prepare,
  signal: AbortSignal,
): Promise<PutTogether> {
  while (true) {
    await reloads.asked(signal);
    // Report invalid settings at once, even while a run is under way.
    if ((await prepared(deps, prepare, signal)) === undefined) continue;
    const turn = await idle(deps, signal);
    // The files may have changed while this waited.
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

/** Takes the turn when no run is under way, and no drain, which needs no turn. */
async function idle({ turns, membership, clock }: Deps, signal: AbortSignal): Promise<HeldLock> {
  while (true) {
    const turn = await turns.acquire("a reload", Number.POSITIVE_INFINITY, signal, () => undefined);
    if (!membership.status().reconciling) return turn;
    await turn.release();
    await clock.sleep(pollMs, signal);
  }
}
