import { createDeadline } from "../../lib/async/deadline.ts";
import type { DaemonDeps } from "../deps.ts";
import { isIdle } from "../controllers/keep-membership.ts";
import { staysSo, untilStatus } from "../until-status.ts";

/** Between two checks of the clock, which may be corrected meanwhile, in milliseconds. */
const pollMs = 30_000;

/** A slower tag write is left to the reconciler, in milliseconds. */
const tagLimitMs = 20_000;

type Deps = Pick<DaemonDeps, "pause" | "status" | "bus" | "clock" | "membership">;

/** Ends a pause when its time is over, and keeps the pause tag up to date. */
export async function keepPaused(deps: Deps, signal: AbortSignal): Promise<void> {
  const { pause, status } = deps;
  // After the boot run, which removes the state of another instance.
  await pause.load();
  while (true) {
    await showInTags(deps, signal);
    const shown = status.current().pause;
    if (shown === undefined) {
      await untilStatus(deps, (now) => now.pause !== undefined, signal);
      continue;
    }
    const isShown = (now: typeof shown | undefined) => now?.until === shown.until && now.since === shown.since;
    while (pause.leftMs() > 0) {
      const same = await staysSo(deps, (now) => isShown(now.pause), Math.min(pause.leftMs(), pollMs), signal);
      if (!same) break;
    }
    // A pause that was ended by request has been reported already.
    if (pause.leftMs() === 0 && isShown(status.current().pause)) await pause.expire();
  }
}

/** A run writes the tags by itself. */
async function showInTags(deps: Deps, signal: AbortSignal): Promise<void> {
  if (!isIdle(deps)) return;
  const deadline = createDeadline(tagLimitMs, deps.clock, signal);
  try {
    await deps.membership.reconcile({ signal: deadline.signal, listen: () => undefined, stages: ["tags"] });
  } catch {
    signal.throwIfAborted();
  } finally {
    deadline.end();
  }
}
