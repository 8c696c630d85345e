import { reportOf } from "../domain/errors.ts";
import type { GroupMembership, GroupState } from "../ports/lifecycle.ts";
import type { RunDeps } from "./deps.ts";
import { launchHooks, whatWaits } from "./launch-hook.ts";
import type { Run } from "./step.ts";

/**
 * Lets Auto Scaling replace the instance: a launch that still waits is given up, and where the group already believed
 * in it (`launched`), it is told that the instance is not healthy. What fails is said: the retry asks again.
 */
export async function askForReplacement(run: Run, launched: boolean, deps: RunDeps): Promise<void> {
  try {
    const group = await deps.lifecycle.observe(run.signal);
    if (group === undefined) return;
    const hooks = launchHooks(group);
    if (hooks.length === 0) return launched ? await sayUnhealthy(run, group, deps) : undefined;
    for (const { name } of hooks) await deps.lifecycle.complete(group.group, name, "ABANDON", run.signal);
    const text = `Completed ${whatWaits(group, hooks)} with ABANDON: the instance is replaced`;
    run.emit({ type: "notice", level: "warning", code: "launch-abandoned", text });
  } catch (error) {
    if (run.signal.aborted) return;
    const { code, message } = reportOf(error);
    run.emit({
      type: "notice",
      level: "warning",
      code,
      text: `Auto Scaling could not be asked for a replacement: ${message}`,
    });
  }
}

/** The group counts on this instance, or is about to. */
const believesIn: ReadonlySet<GroupState> = new Set(["launching", "launch-waiting", "launch-completed", "in-service"]);

async function sayUnhealthy(run: Run, { group, state }: GroupMembership, deps: RunDeps): Promise<void> {
  // It goes already, or somebody looks at it.
  if (!believesIn.has(state)) return;
  await deps.lifecycle.setUnhealthy(run.signal);
  const text = `Told Auto Scaling group ${group} that this instance is not healthy: it is replaced`;
  run.emit({ type: "notice", level: "warning", code: "replacement-asked", text });
}
