import { MusterError } from "../domain/errors/errors.ts";
import { formatDuration } from "../domain/text/units.ts";
import type { Clock } from "../ports/clock.ts";
import type { GroupMembership, HookResult, Lifecycle, PendingHook } from "../ports/lifecycle.ts";

type Deps = { readonly lifecycle: Lifecycle; readonly clock: Clock };

/** Between two answers to hooks that still wait, in milliseconds. */
const againMs = 2_000;

/** After that it is an error, in milliseconds. */
const limitMs = 20_000;

/**
 * Completes hooks until the group has moved on. An answer alone proves nothing: Auto Scaling says "No active Lifecycle
 * Action found" of a hook that is about to wait, as it does of one that is completed
 * (github.com/PrairieLearn/PrairieLearn/pull/15586, github.com/kubernetes/kops/issues/16582). Where hooks of other
 * programs wait in the same transition the state tells nothing, so an answer that was accepted counts.
 * @param group as it was just observed
 * @param hooks of that group, which wait
 * @throws MusterError `hook-still-waits` (transient)
 */
export async function answerHooks(
  { lifecycle, clock }: Deps,
  group: GroupMembership,
  hooks: readonly PendingHook[],
  result: HookResult,
  signal: AbortSignal,
): Promise<void> {
  const begun = clock.monotonicMs();
  const accepted = new Set<string>();
  const isShared = (group.others ?? []).length > 0;
  while (true) {
    for (const { name } of hooks) {
      if (await lifecycle.complete(group.group, name, result, signal)) accepted.add(name);
    }
    if (isShared && accepted.size === hooks.length) return;
    if ((await lifecycle.state(signal)) !== group.state) return;
    if (clock.monotonicMs() - begun >= limitMs) break;
    await clock.sleep(againMs, signal);
  }
  const names = hooks.map(({ name }) => name).join(", ");
  throw new MusterError({
    code: "hook-still-waits",
    message: `Auto Scaling group ${group.group} still waits (${group.state}) ${formatDuration(limitMs)} after hook ${names} was completed`,
    hint: "Look where the group has the instance: aws autoscaling describe-auto-scaling-instances",
    transient: true,
  });
}

/**
 * Refuses to answer hooks of which nothing says that they are muster's.
 * @throws MusterError `hooks-unclaimed`
 */
export function refuseUnclaimed(group: GroupMembership | undefined, transition: PendingHook["transition"]): void {
  const unclaimed = (group?.unclaimed ?? []).filter((hook) => hook.transition === transition);
  if (group === undefined || unclaimed.length === 0) return;
  const kind = transition === "launching" ? "launch" : "termination";
  const names = unclaimed.map(({ name }) => name);
  throw new MusterError({
    code: "hooks-unclaimed",
    message: `Auto Scaling group ${group.group} has ${names.length} ${kind} hooks (${names.join(", ")}), and the settings do not say which of them muster completes: it completes none`,
    hint: `Name muster's own in /etc/muster/muster.yaml, as: lifecycle: { hooks: [${names[0]}] }`,
  });
}
