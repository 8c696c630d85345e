import type { EventBody } from "../domain/events.ts";
import { reportOf } from "../domain/errors.ts";
import type { GroupMembership, GroupState, Lifecycle } from "../ports/lifecycle.ts";
import { launchHooks, launchHooksText } from "./hooks.ts";

type Deps = { readonly lifecycle: Lifecycle; readonly emit: (event: EventBody) => void };

/**
 * Lets Auto Scaling replace an instance that did not pass its gates: abandons a launch that still waits. Where the
 * group already counts on the instance (`launched`), reports it unhealthy. A failure is a notice: the retry asks again.
 */
export async function askForReplacement(deps: Deps, launched: boolean, signal: AbortSignal): Promise<void> {
  try {
    const group = await deps.lifecycle.observe(signal);
    if (group === undefined) return;
    const hooks = launchHooks(group);
    if (hooks.length === 0) return launched ? await reportUnhealthy(deps, group, signal) : undefined;
    for (const { name } of hooks) await deps.lifecycle.complete(group.group, name, "abandon", signal);
    const text = `Completed ${launchHooksText(group, hooks)} with ABANDON: the instance is replaced`;
    deps.emit({ type: "notice", level: "warning", code: "launch-abandoned", text });
  } catch (error) {
    if (signal.aborted) return;
    const { code, message } = reportOf(error);
    const text = `Auto Scaling could not be asked for a replacement: ${message}`;
    deps.emit({ type: "notice", level: "warning", code, text });
  }
}

/** The group counts on this instance, or is about to. */
const countsOn: ReadonlySet<GroupState> = new Set(["launching", "launch-waiting", "launch-completed", "in-service"]);

async function reportUnhealthy(deps: Deps, { group, state }: GroupMembership, signal: AbortSignal): Promise<void> {
  // In any other state the group terminates the instance already, or an operator looks at it.
  if (!countsOn.has(state)) return;
  await deps.lifecycle.setUnhealthy(signal);
  const text = `Told Auto Scaling group ${group} that this instance is not healthy: it is replaced`;
  deps.emit({ type: "notice", level: "warning", code: "replacement-asked", text });
}
