import { reportOf } from "../domain/errors.ts";
import type { DaemonDeps } from "./daemon.ts";

/** Between two looks at the world, in milliseconds; jittered, so that a fleet does not look together. */
const everyMs = 30_000;
/** One look and its repairs. What takes longer is taken up by the next. */
const limitMs = 20_000;

/**
 * Keeps the world in agreement with the wish between runs: a balancer that forgot this instance on a
 * reload, a record that somebody deleted, what an outage left undone.
 */
export async function keepMembership(
  deps: Pick<DaemonDeps, "membership" | "status" | "bus" | "clock">,
  signal: AbortSignal,
): Promise<void> {
  const { clock, membership, bus } = deps;
  let lastTrouble = "";
  while (true) {
    await clock.sleep(everyMs * (0.75 + clock.random() / 2), signal);
    if (!isIdle(deps)) continue;
    const { error, changed } = await reconcile(deps, signal);
    if (changed) {
      const text = `The world had drifted from the wish "${membership.status().wish?.want ?? "out"}"; it was put right`;
      bus.emit({ type: "notice", level: "warning", code: "membership-repaired", text });
    }
    const trouble = error === undefined ? "" : error.message;
    if (error !== undefined && trouble !== lastTrouble) {
      bus.emit({ type: "notice", level: "warning", code: error.code, text: `Membership: ${trouble}` });
    }
    lastTrouble = trouble;
  }
}

/** Nobody is at work: a run settles the wish itself, and a wish of an earlier boot waits for its gates. */
function isIdle(deps: Pick<DaemonDeps, "membership" | "status">): boolean {
  const { run, state, bootId } = deps.status.current();
  const { wish, settling } = deps.membership.status();
  return !settling && run?.finished === true && wish !== undefined && wish.bootId === bootId && state !== "starting";
}

async function reconcile(deps: Pick<DaemonDeps, "membership" | "clock">, signal: AbortSignal) {
  const over = new AbortController();
  const bounded = AbortSignal.any([signal, over.signal]);
  deps.clock.sleep(limitMs, bounded).then(
    () => over.abort(new Error("no time left")),
    () => undefined,
  );
  try {
    const settled = await deps.membership.settle({ signal: bounded, listen: () => undefined });
    return { changed: settled.kind === "settled" && settled.changed };
  } catch (error) {
    signal.throwIfAborted();
    // Out of time is no trouble of its own: the next look goes on.
    return { changed: false, ...(over.signal.aborted ? {} : { error: reportOf(error) }) };
  } finally {
    over.abort();
  }
}
