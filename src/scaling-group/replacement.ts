import type { EventBody } from "../domain/run/events.ts";
import { reportOf } from "../domain/errors/errors.ts";
import { formatDuration } from "../domain/text/units.ts";
import type { Clock } from "../ports/clock.ts";
import type { GroupMembership, GroupState, Lifecycle } from "../ports/lifecycle.ts";
import { answerHooks, refuseUnclaimed } from "./answer-hooks.ts";
import { launchHooks, launchHooksText } from "./hooks.ts";

type Deps = { readonly lifecycle: Lifecycle; readonly clock: Clock; readonly emit: (event: EventBody) => void };

/**
 * Lets Auto Scaling replace an instance that did not pass its gates: abandons a launch that still waits. Where the
 * group already counts on the instance (`launched`), reports it unhealthy. A failure is a notice: the retry asks again.
 */
export async function askForReplacement(deps: Deps, launched: boolean, signal: AbortSignal): Promise<void> {
  try {
    const group = await deps.lifecycle.observe(signal);
    if (group === undefined) return;
    refuseUnclaimed(group, "launching");
    const hooks = launchHooks(group);
    if (hooks.length === 0) return launched ? await reportUnhealthy(deps, group, signal) : undefined;
    await answerHooks(deps, group, hooks, "abandon", signal);
    const text = `Completed ${launchHooksText(group, hooks)} with ABANDON: the instance is replaced`;
    deps.emit({ type: "notice", level: "warning", code: "launch-abandoned", text });
  } catch (error) {
    if (signal.aborted) return;
    const { code, message } = reportOf(error);
    const text = `Auto Scaling could not be asked for a replacement: ${message}`;
    deps.emit({ type: "notice", level: "warning", code, text });
  }
}

/**
 * Reports an instance that is out of service for its health to its group, which replaces it. An instance that the group
 * does not have in service is left alone.
 * @param afterMs how long the instance is not healthy, in milliseconds
 * @returns false if the group has to be asked again
 * @throws the signal's reason
 */
export async function replaceUnhealthy(
  deps: Omit<Deps, "clock">,
  afterMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const since = `not healthy for ${formatDuration(afterMs)}`;
  try {
    const group = await deps.lifecycle.observe(signal);
    if (group === undefined) {
      const text = `This instance is ${since}, and no Auto Scaling group is there to replace it`;
      deps.emit({ type: "notice", level: "warning", code: "replacement-impossible", text });
      return true;
    }
    // The group already terminates the instance, or an operator has put it into standby.
    if (group.state !== "in-service") return true;
    await deps.lifecycle.setUnhealthy(signal);
    const text = `Told Auto Scaling group ${group.group} that this instance is not healthy (${since}): it is replaced`;
    deps.emit({ type: "notice", level: "warning", code: "replacement-asked", text });
    return true;
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = reportOf(error);
    const text = `Auto Scaling could not be asked to replace this instance: ${message}`;
    deps.emit({ type: "notice", level: "warning", code, text });
    return false;
  }
}

/** The group counts on this instance, or is about to. */
const countsOn: ReadonlySet<GroupState> = new Set(["launching", "launch-waiting", "launch-completed", "in-service"]);

async function reportUnhealthy(
  deps: Omit<Deps, "clock">,
  { group, state }: GroupMembership,
  signal: AbortSignal,
): Promise<void> {
  // In any other state the group terminates the instance already, or an operator looks at it.
  if (!countsOn.has(state)) return;
  await deps.lifecycle.setUnhealthy(signal);
  const text = `Told Auto Scaling group ${group} that this instance is not healthy: it is replaced`;
  deps.emit({ type: "notice", level: "warning", code: "replacement-asked", text });
}
