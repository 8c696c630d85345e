import { backOff, type Backoff } from "../lib/async/backoff.ts";
import { isTransient } from "../domain/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { GroupMembership, Lifecycle, PendingHook } from "../ports/lifecycle.ts";

type Deps = { readonly lifecycle: Lifecycle; readonly clock: Clock };

const backoff: Backoff = { firstMs: 1_000, maxMs: 15_000 };

/** While the group still drains its own target groups, in milliseconds: its hooks begin to wait after that. */
const drainingMs = 5_000;

/** The termination hooks that wait now. */
export function terminationHooks(group: GroupMembership | undefined): readonly PendingHook[] {
  return (group?.pending ?? []).filter(({ transition }) => transition === "terminating");
}

/** Whether the group takes the instance out of its own target groups, before any termination hook waits. */
export function isBeingTakenOut({ state }: GroupMembership): boolean {
  return state === "terminating";
}

/**
 * How long the group waits for this instance before it terminates it, in milliseconds from the beginning of the wait;
 * undefined where nothing waits, or not yet.
 */
export function terminationLimitMs(group: GroupMembership | undefined): number | undefined {
  const hooks = terminationHooks(group);
  return hooks.length === 0 ? undefined : Math.min(...hooks.map(({ globalSeconds }) => globalSeconds)) * 1_000;
}

/**
 * Tells the group that this instance has left, so that it terminates it now and not when the hook's time is out.
 * Waits for hooks that are about to wait; what passes is tried again.
 * @returns the names of the hooks that were completed; none where nothing waits for this instance
 * @throws the signal's reason; MusterError for what does not pass by itself
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
  { lifecycle }: Deps,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (group === undefined) return [];
  const names: string[] = [];
  for (const { name } of terminationHooks(group)) {
    await lifecycle.complete(group.group, name, "CONTINUE", signal);
    names.push(name);
  }
  return names;
}
