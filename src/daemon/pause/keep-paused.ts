import { createDeadline } from "../../lib/async/deadline.ts";
import type { DaemonDeps } from "../deps.ts";
import { isIdle } from "../keep-membership.ts";
import { staysSo, untilStatus } from "../until-status.ts";

/** Between two looks at the clock, which may be corrected meanwhile, in milliseconds. */
const pollMs = 30_000;

/** What takes longer is left to the next look at membership, in milliseconds. */
const tagLimitMs = 20_000;

type Deps = Pick<DaemonDeps, "pause" | "status" | "bus" | "clock" | "membership">;

/** Ends a pause when its time is over, and has the instance's tags say whether there is one. */
export async function keepPaused(deps: Deps, signal: AbortSignal): Promise<void> {
  const { pause, status } = deps;
  // After the boot run, which throws the state of another instance away.
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
    // One that somebody ended meanwhile was told by whoever ended it.
    if (pause.leftMs() === 0 && isShown(status.current().pause)) await pause.expire();
  }
}

/** A run settles the tags itself. */
async function showInTags(deps: Deps, signal: AbortSignal): Promise<void> {
  if (!isIdle(deps)) return;
  const deadline = createDeadline(tagLimitMs, deps.clock, signal);
  try {
    await deps.membership.settle({ signal: deadline.signal, listen: () => undefined, stages: ["tags"] });
  } catch {
    signal.throwIfAborted();
  } finally {
    deadline.end();
  }
}
