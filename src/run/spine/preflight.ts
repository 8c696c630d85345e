import { trustedFilesOf } from "../../domain/settings/settings.ts";
import { checkLaunchHook, reliesOnHook } from "../../scaling-group/launch-hook.ts";
import { checkStep } from "../../stages/converge/stage.ts";
import type { Subject } from "../../stages/preflight/probes.ts";
import { preflightStage, type PreflightResult } from "../../stages/preflight/stage.ts";
import { endpointsFor, type Joining } from "../start/join.ts";
import { byOf, keptOut } from "../start/kept-out.ts";
import type { RunDeps } from "./deps.ts";
import { step, StageFailure, type Run } from "./step.ts";

const none: PreflightResult = { problems: [] };

/**
 * The preflight, beside patching: its failure must not cancel the package manager.
 * @returns the failure that keeps the instance out of service, to be thrown once patching is over
 */
export async function preflight(
  run: Run,
  joining: Joining,
  directory: string,
  deps: RunDeps,
): Promise<StageFailure | undefined> {
  const { wish } = deps.membership.status();
  const by = byOf(run.journal.state.started.request.cause);
  // An instance that stays out, because a person wants that, has nothing to be held from.
  const joins = !run.serving && !keptOut(wish, deps.bootId, by);
  const subject = subjectOf({ joining, directory, joins }, deps);
  try {
    await step(run, {
      stage: "preflight",
      holds: "never",
      input: {},
      store: (value) => value,
      restore: async () => undefined,
      work: (context) => preflightStage({ subject, joins }, deps.clock, context),
      otherwise: none,
    });
    return undefined;
  } catch (error) {
    if (error instanceof StageFailure && !run.signal.aborted) return error;
    throw error;
  }
}

/** What the probes look at. `directory` is the worktree; undefined in a dry run, which has none. */
export function subjectOf(
  {
    joining,
    directory,
    joins,
  }: { readonly joining: Joining; readonly directory: string | undefined; readonly joins: boolean },
  deps: RunDeps,
): Subject {
  const { role } = joining;
  const { machineFiles, lifecycle, settings } = deps;
  const steps = directory === undefined ? [] : role.converge;
  return {
    role: role.name,
    steps,
    endpoints: () => endpointsFor(joining),
    files: trustedFilesOf(settings.config),
    reliesOnHook: joins && reliesOnHook(settings),
    ask: {
      key: (...given) => machineFiles.key(...given),
      room: (...given) => machineFiles.room(...given),
      hook: (signal) => checkLaunchHook(lifecycle, signal),
      step: (at, signal) => checkStep(at, { steps, directory: directory ?? "" }, deps.engines, signal),
      ...deps.membership.looks,
    },
  };
}
