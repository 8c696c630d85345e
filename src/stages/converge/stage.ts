import type { ConvergeStep } from "../../domain/role/role.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Engines } from "../../ports/engine.ts";
import type { PlannedStep, StageContext, StageResult } from "../../ports/stage-context.ts";
import { runActions } from "./act.ts";
import { observe } from "./observe.ts";
import { describe, planActions, type ConvergeInput } from "./plan.ts";
import type { ConvergeResult } from "./result.ts";

export { checkStep } from "./observe.ts";

export type ConvergePorts = {
  readonly engines: Engines;
  readonly clock: Pick<Clock, "monotonicMs">;
};

/**
 * Applies the role's code to the machine, step by step; the first step that fails ends it.
 * @throws MusterError `engine-missing`, `converge-file-missing`, `converge-compile-failed`,
 * `converge-resources-failed`, `converge-failed`
 */
export async function convergeStage(
  input: ConvergeInput,
  ports: ConvergePorts,
  context: StageContext,
): Promise<StageResult<ConvergeResult>> {
  await observe(input, ports.engines, context.signal);
  const actions = planActions(input.steps);
  const begun = ports.clock.monotonicMs();
  const value = await runActions(actions, input, ports.engines, context);
  return report(value, ports.clock.monotonicMs() - begun);
}

/** What the stage would do. The worktree of a dry run is temporary, so it is not read. Pure. */
export function planConverge(steps: readonly ConvergeStep[]): readonly PlannedStep[] {
  return planActions(steps).map(describe);
}

function report(value: ConvergeResult, durationMs: number): StageResult<ConvergeResult> {
  const { counts } = value;
  if (value.steps.length === 0) {
    return { value, outcome: "skipped", summary: "the role has no converge step", facts: {} };
  }
  const warnings = value.steps.reduce((sum, step) => sum + (step.warnings ?? 0), 0);
  return {
    value,
    outcome: value.changed ? "changed" : "unchanged",
    summary: summaryOf(value),
    facts: {
      resources: counts.total,
      changed: counts.changed,
      ...(warnings > 0 ? { warnings } : {}),
      seconds: Math.round(durationMs / 100) / 10,
    },
  };
}

function summaryOf({ changed, counts, steps }: ConvergeResult): string {
  if (steps.every(({ managed }) => managed === 0)) return "nothing to do: the catalogue manages nothing";
  if (!changed) return `${counts.total} resources, none changed`;
  return `${counts.changed} of ${counts.total} resources changed`;
}
