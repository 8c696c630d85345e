import { backoffMs, type Backoff } from "../lib/async/backoff.ts";
import { isTransient, MusterError, reportOf } from "../domain/errors/errors.ts";
import type { Endpoints } from "../domain/membership/membership.ts";
import { isOutage, isThrottled } from "../domain/errors/outage.ts";
import type { Settings } from "../domain/settings/settings.ts";
import { formatDuration } from "../domain/text/units.ts";
import type { Clock } from "../ports/clock.ts";
import type { GroupMembership, GroupState, GroupTarget, Lifecycle, PendingLaunch } from "../ports/lifecycle.ts";
import type { LoadBalancer } from "../ports/load-balancer.ts";
import type { StageContext } from "../ports/stage-context.ts";
import type { StateFiles } from "../ports/state-files.ts";
import { answerHooks, refuseUnclaimed } from "./answer-hooks.ts";
import { isAboutToWait, launchHooks, launchHooksText } from "./hooks.ts";
import { forgetStandby, isOwnStandby, isStandby } from "./standby.ts";

export type LaunchDeps = {
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
  readonly files: StateFiles;
  /** Only to tell which target groups are the Auto Scaling group's own; membership alone works with it. */
  readonly balancer?: Pick<LoadBalancer, "identify"> | undefined;
};

const backoff: Backoff = { firstMs: 1_000, maxMs: 15_000 };

/** As long as a new role's permissions may take to be known. */
const limitMs = 5 * 60_000;

/** An instance is launching for seconds before its hooks begin to wait. */
const pendingMs = 2_000;

/**
 * Observes the group of this instance, and marks the targets that the group registers by itself. A transient failure
 * is tried again for minutes, a throttled
 * one without end, an outage for `outageLimitMs`. Makes no call on an instance that no group launched.
 * @throws MusterError `hooks-unclaimed`, and as `Lifecycle.observe`
 */
export async function observeGroup(
  context: StageContext,
  wanted: Endpoints,
  outageLimitMs: number | undefined,
  deps: LaunchDeps,
): Promise<{ readonly group: GroupMembership | undefined; readonly endpoints: Endpoints }> {
  const { clock } = deps;
  const { signal } = context;
  const begun = clock.monotonicMs();
  const isLate = (ms: number) => clock.monotonicMs() >= begun + ms;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const group = await deps.lifecycle.observe(signal);
      const waiting = group === undefined ? undefined : await isOnItsWay(group, deps);
      refuseUnclaimed(group, "launching");
      if (waiting === undefined || isLate(limitMs)) {
        return { group, endpoints: await markAttached(wanted, group, deps, signal) };
      }
      context.waiting(waiting);
      await clock.sleep(pendingMs, signal);
    } catch (error) {
      signal.throwIfAborted();
      const usualMs = isThrottled(error) ? Infinity : limitMs;
      const patienceMs = isOutage(error) ? (outageLimitMs ?? usualMs) : limitMs;
      if (!isTransient(error) || isLate(patienceMs)) throw error;
      const wait = backoffMs(backoff, attempt, clock, error);
      context.waiting(`${reportOf(error).message}; trying again in ${formatDuration(wait)}`);
      await clock.sleep(wait, signal);
    }
  }
}

/** Whether the settings rely on a launch hook of the group. */
export function reliesOnHook({ onFailure, lifecycle }: Pick<Settings, "onFailure" | "lifecycle">): boolean {
  return onFailure === "abandon" || lifecycle.hooks !== undefined;
}

/**
 * Looks whether the group of this instance, if it has one, has a launch hook of muster's. Changes nothing.
 * @throws MusterError `launch-hook-missing`, `hooks-unclaimed`, and as `Lifecycle.observe`
 */
export async function checkLaunchHook(lifecycle: Pick<Lifecycle, "observe">, signal: AbortSignal): Promise<void> {
  const group = await lifecycle.observe(signal);
  refuseUnclaimed(group, "launching");
  if (group === undefined || group.hasLaunchHook) return;
  throw new MusterError({
    code: "launch-hook-missing",
    message: withoutHook(group.group),
    hint: "Give the group a launch hook with the default result ABANDON; docs/auto-scaling.md has the command.",
  });
}

function withoutHook(group: string): string {
  return `Auto Scaling group ${group} has no launch hook: it counts this instance as in service whether its gates pass or not`;
}

/** Warns of hooks that make the gates worth less: before the instance comes into service, not after. */
export function warnAboutHooks(
  { warn }: Pick<StageContext, "warn">,
  group: GroupMembership | undefined,
  settings: Pick<Settings, "onFailure" | "lifecycle">,
): void {
  if (group === undefined) return;
  // Where the settings rely on one the preflight has warned.
  if (!group.hasLaunchHook && !reliesOnHook(settings)) warn("launch-hook-missing", withoutHook(group.group));
  for (const { name, defaultResult, globalSeconds } of launchHooks(group)) {
    if (defaultResult === "abandon") continue;
    const text = `Launch hook ${name} of Auto Scaling group ${group.group} continues by itself after ${formatDuration(globalSeconds * 1000)} at the latest: an instance that does not pass comes into service then`;
    warn("launch-hook-continues", text);
  }
}

/**
 * What is left to tell the group before the instance may serve: launch hooks that wait, or a standby of the instance's
 * own. Undefined when the group waits for neither.
 * @param group as it was just observed
 * @param onDone called once the group has been told
 */
export async function pendingLaunch(
  group: GroupMembership | undefined,
  deps: Pick<LaunchDeps, "lifecycle" | "files" | "clock">,
  onDone: () => void = () => undefined,
): Promise<PendingLaunch | undefined> {
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
    what: `Complete ${launchHooksText(group, hooks)} with CONTINUE`,
    async complete(signal) {
      await answerHooks(deps, group, hooks, "continue", signal);
      onDone();
    },
  };
}

/** Whether Auto Scaling keeps the instance ready, for later. */
export function isWarm(state: GroupState | GroupTarget | undefined): boolean {
  return state === "warm" || state === "warm-launching" || state === "warm-launch-waiting";
}

/** Why the group, or an operator of the group, wants this instance out of service; undefined when neither does. */
export async function keptOutByGroup(
  group: GroupMembership | undefined,
  deps: Pick<LaunchDeps, "files">,
): Promise<string | undefined> {
  if (group === undefined) return undefined;
  const { state } = group;
  if (isWarm(state)) return `prepared for the warm pool of Auto Scaling group ${group.group}`;
  if (isStandby(state) && !(await isOwnStandby(group, deps))) return `in standby in Auto Scaling group ${group.group}`;
  if (state === "detached") return "detached from its Auto Scaling group";
  if (isTerminated(state)) return `Auto Scaling group ${group.group} terminates this instance`;
  return undefined;
}

function isTerminated(state: GroupState): boolean {
  return state === "terminating" || state === "termination-waiting" || state === "terminated";
}

/** What the group has to finish before the agent can tell it anything; undefined when there is nothing. */
async function isOnItsWay(group: GroupMembership, deps: Pick<LaunchDeps, "files">): Promise<string | undefined> {
  const { group: name, state } = group;
  if (isAboutToWait(group)) return `Auto Scaling group ${name} has not begun to wait for this instance (${state})`;
  // The group drains its own target groups first; the standby cannot end before.
  if (state === "entering-standby" && (await isOwnStandby(group, deps))) {
    return `Auto Scaling group ${name} is still taking this instance out (${state})`;
  }
  return undefined;
}

/** The group registers an instance that comes back from standby like one that it launched. */
const registersNext: ReadonlySet<GroupState> = new Set(["launching", "launch-waiting", "launch-completed", "standby"]);

/**
 * Marks the targets that the group registers by itself. Once an instance is in service the group registers it nowhere
 * again: from then on the agent registers it everywhere.
 */
export async function markAttached(
  wanted: Endpoints,
  group: GroupMembership | undefined,
  { balancer }: Pick<LaunchDeps, "balancer">,
  signal: AbortSignal,
): Promise<Endpoints> {
  if (group === undefined || group.attachedTargetGroups.length === 0) return wanted;
  if (!registersNext.has(group.state) || balancer?.identify === undefined) return wanted;
  const identify = balancer.identify.bind(balancer);
  const targets = await Promise.all(
    wanted.targets.map(async (target) => {
      const own = await identify(target, signal, group.attachedTargetGroups);
      const attached = own !== undefined && group.attachedTargetGroups.includes(own);
      return attached ? { ...target, registeredBy: "auto-scaling" as const } : target;
    }),
  );
  return { ...wanted, targets };
}
