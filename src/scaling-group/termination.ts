import { backOff, type Backoff } from "../lib/async/backoff.ts";
import { isTransient } from "../domain/errors/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { GroupMembership, Lifecycle } from "../ports/lifecycle.ts";
import { answerHooks, refuseUnclaimed } from "./answer-hooks.ts";
import { isBeingTakenOut, terminationHooks } from "./hooks.ts";

type Deps = { readonly lifecycle: Lifecycle; readonly clock: Clock };

const backoff: Backoff = { firstMs: 1_000, maxMs: 15_000 };

/** Between two observations of a group that still drains its own target groups, in milliseconds: its hooks wait after that. */
const drainingMs = 5_000;

/**
 * How long the group waits before it terminates this instance, in milliseconds from the beginning of the wait;
 * undefined where no hook waits, or not yet.
 */
export function terminationLimitMs(group: GroupMembership | undefined): number | undefined {
  const hooks = [...terminationHooks(group), ...(group?.unclaimed ?? [])];
  return hooks.length === 0 ? undefined : Math.min(...hooks.map(({ globalSeconds }) => globalSeconds)) * 1_000;
}

/**
 * Tells the group that this instance has left, so that the group terminates it now and not at the hook's time-out.
 * Waits for hooks that are about to wait; a transient failure is tried again.
 * @returns the names of the hooks that were completed; none where no hook waits for this instance
 * @throws the signal's reason; MusterError `hooks-unclaimed`, or for a failure that is not transient
 */
export async function finishTermination(deps: Deps, signal: AbortSignal): Promise<readonly string[]> {
  for (let failures = 0; ;) {
    try {
      const group = await deps.lifecycle.observe(signal);
      if (group === undefined || !isBeingTakenOut(group)) return await complete(group, deps, signal);
      await deps.clock.sleep(drainingMs, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isTransient(error)) throw error;
      failures += 1;
      await backOff(backoff, failures, deps.clock, signal, error);
    }
  }
}

async function complete(
  group: GroupMembership | undefined,
  deps: Deps,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (group === undefined) return [];
  refuseUnclaimed(group, "terminating");
  const hooks = terminationHooks(group);
  if (hooks.length > 0) await answerHooks(deps, group, hooks, "continue", signal);
  return hooks.map(({ name }) => name);
}
