import { backoffMs, type Backoff } from "../lib/async/backoff.ts";
import { isTransient, reportOf } from "../domain/errors.ts";
import type { Places } from "../domain/membership.ts";
import { isOutage } from "../domain/outage.ts";
import { formatDuration } from "../domain/units.ts";
import type { Launch } from "../membership/work.ts";
import type { GroupMembership, GroupState, GroupTarget, PendingHook } from "../ports/lifecycle.ts";
import type { RunDeps } from "./deps.ts";
import { forgetStandby, isOwnStandby, isStandby } from "./standby.ts";
import { contextOf, type Run } from "./step.ts";

const backoff: Backoff = { firstMs: 1_000, maxMs: 15_000 };

/** As long as a new role's permissions may take to be known. */
const limitMs = 5 * 60_000;

/** An instance is launching for seconds before its hooks begin to wait. */
const pendingMs = 2_000;

/**
 * What Auto Scaling knows of this instance, and which of these places it fills by itself. A passing failure is
 * tried again for minutes, or for `outageLimitMs` where nobody answers. An instance that no group launched is asked about nowhere.
 */
export async function observeGroup(
  run: Run,
  wanted: Places,
  outageLimitMs: number | undefined,
  deps: RunDeps,
): Promise<{ readonly group: GroupMembership | undefined; readonly places: Places }> {
  const context = contextOf(run, "register");
  const begun = run.clock.monotonicMs();
  const isLate = (ms: number) => run.clock.monotonicMs() >= begun + ms;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const group = await deps.lifecycle.observe(run.signal);
      const waiting = group === undefined ? undefined : await isOnItsWay(group, deps);
      if (waiting === undefined || isLate(limitMs)) {
        return { group, places: await markAttached(wanted, group, deps, run.signal) };
      }
      context.waiting(waiting);
      await run.clock.sleep(pendingMs, run.signal);
    } catch (error) {
      run.signal.throwIfAborted();
      const patienceMs = isOutage(error) ? (outageLimitMs ?? limitMs) : limitMs;
      if (!isTransient(error) || isLate(patienceMs)) throw error;
      const wait = backoffMs(backoff, attempt, run.clock, error);
      context.waiting(`${reportOf(error).message}; trying again in ${formatDuration(wait)}`);
      await run.clock.sleep(wait, run.signal);
    }
  }
}

/** Tells what of the group's hooks makes the gates worth less; before an instance comes into service, not after. */
export function warnAboutHooks(run: Run, group: GroupMembership | undefined): void {
  if (group === undefined) return;
  const context = contextOf(run, "register");
  if (!group.hasLaunchHook) {
    const text = `Auto Scaling group ${group.group} has no launch hook: it counts this instance as in service whether its gates pass or not`;
    context.warn("launch-hook-missing", text);
  }
  for (const { name, defaultResult, globalSeconds } of launchHooks(group)) {
    if (defaultResult === "ABANDON") continue;
    const text = `Launch hook ${name} of Auto Scaling group ${group.group} continues by itself after ${formatDuration(globalSeconds * 1000)} at the latest: an instance that does not pass comes into service then`;
    context.warn("launch-hook-continues", text);
  }
}

/**
 * What waits for the end of the launch, or of a standby that is the instance's own; undefined when nothing does.
 * @param group as it was just observed
 * @param onDone called once the group has been told
 */
export async function launchOf(
  group: GroupMembership | undefined,
  deps: Pick<RunDeps, "lifecycle" | "files">,
  onDone: () => void = () => undefined,
): Promise<Launch | undefined> {
  if (group !== undefined && (await isOwnStandby(group, deps))) {
    return {
      what: `End the standby in Auto Scaling group ${group.group}`,
      async complete(signal) {
        await deps.lifecycle.exitStandby(group.group, signal);
        onDone();
        await forgetStandby(deps);
      },
    };
  }
  const hooks = launchHooks(group);
  if (group === undefined || hooks.length === 0) return undefined;
  return {
    what: `Complete ${whatWaits(group, hooks)} with CONTINUE`,
    async complete(signal) {
      for (const { name } of hooks) await deps.lifecycle.complete(group.group, name, "CONTINUE", signal);
      onDone();
    },
  };
}

/** Whether Auto Scaling keeps the instance ready, for later. */
export function isWarm(state: GroupState | GroupTarget | undefined): boolean {
  return state === "warm" || state === "warm-launching" || state === "warm-launch-waiting";
}

/** Why the group, or who works with it, wants this instance out of service; undefined when nobody does. */
export async function keptOutByGroup(
  group: GroupMembership | undefined,
  deps: Pick<RunDeps, "files">,
): Promise<string | undefined> {
  if (group === undefined) return undefined;
  const { state } = group;
  if (isWarm(state)) return `prepared for the warm pool of Auto Scaling group ${group.group}`;
  if (isStandby(state) && !(await isOwnStandby(group, deps))) return `in standby in Auto Scaling group ${group.group}`;
  if (isTerminated(state)) return `Auto Scaling group ${group.group} terminates this instance`;
  return undefined;
}

function isTerminated(state: GroupState): boolean {
  return state === "terminating" || state === "termination-waiting" || state === "terminated";
}

/** The launch hooks that wait now. */
export function launchHooks(group: GroupMembership | undefined): readonly PendingHook[] {
  return (group?.pending ?? []).filter(({ transition }) => transition === "launching");
}

/** Whether launch hooks will wait for this instance, and do not yet. */
export function isAboutToWait({ hasLaunchHook, state }: GroupMembership): boolean {
  return hasLaunchHook && (state === "launching" || state === "warm-launching");
}

/** What has to come to rest before anything can be told to the group; undefined when nothing has to. */
async function isOnItsWay(group: GroupMembership, deps: Pick<RunDeps, "files">): Promise<string | undefined> {
  const { group: name, state } = group;
  if (isAboutToWait(group)) return `Auto Scaling group ${name} has not begun to wait for this instance (${state})`;
  // Until its own target groups have drained; standby cannot be left before.
  if (state === "entering-standby" && (await isOwnStandby(group, deps))) {
    return `Auto Scaling group ${name} is still taking this instance out (${state})`;
  }
  return undefined;
}

/** The group registers what comes from standby as it does what it launched. */
const registersNext: ReadonlySet<GroupState> = new Set(["launching", "launch-waiting", "launch-completed", "standby"]);

/** Once an instance is in service its group registers it nowhere again: from then on the agent does. */
export async function markAttached(
  wanted: Places,
  group: GroupMembership | undefined,
  { balancer }: Pick<RunDeps, "balancer">,
  signal: AbortSignal,
): Promise<Places> {
  if (group === undefined || group.attachedTargetGroups.length === 0) return wanted;
  if (!registersNext.has(group.state) || balancer?.identify === undefined) return wanted;
  const identify = balancer.identify.bind(balancer);
  const targets = await Promise.all(
    wanted.targets.map(async (target) => {
      const attached = group.attachedTargetGroups.includes(await identify(target, signal));
      return attached ? { ...target, registeredBy: "auto-scaling" as const } : target;
    }),
  );
  return { ...wanted, targets };
}

/** As `launch hook ready of Auto Scaling group web`. */
export function whatWaits(group: GroupMembership, hooks: readonly PendingHook[]): string {
  return `launch hook ${hooks.map(({ name }) => name).join(", ")} of Auto Scaling group ${group.group}`;
}
