import { planOf } from "../../domain/role/engines.ts";
import type { ConvergeStep, EngineName } from "../../domain/role/role.ts";
import type { MusterFact } from "../../ports/engine.ts";
import type { PlannedStep } from "../../ports/stage-context.ts";

export type ConvergeInput = {
  readonly steps: readonly ConvergeStep[];
  /** The worktree of the pinned commit. */
  readonly directory: string;
  readonly fact: MusterFact;
};

/** The actions of converge. */
export type ConvergeAction =
  /** Every engine of the role gets the fact before the first of them runs. */
  | { readonly kind: "publish-fact"; readonly engine: EngineName }
  | { readonly kind: "apply"; readonly step: ConvergeStep; readonly unit: string };

/** The actions for a role's steps, in order. Pure. */
export function planActions(steps: readonly ConvergeStep[]): readonly ConvergeAction[] {
  const engines = [...new Set(steps.map((step) => step.engine))];
  return [
    ...engines.map((engine) => ({ kind: "publish-fact", engine }) as const),
    ...steps.map((step, index) => ({ kind: "apply", step, unit: unitOf(index) }) as const),
  ];
}

/** The name of a step; the same when the run is repeated. */
export function unitOf(index: number): string {
  return `converge-${index + 1}`;
}

/** An action as a line of a dry run. */
export function describe(action: ConvergeAction): PlannedStep {
  switch (action.kind) {
    case "publish-fact":
      return { text: `Make role, environment, instance and tags known to ${action.engine} as the fact "muster"` };
    case "apply": {
      const { text, details } = planOf(action.step);
      return { text, details: [...details, "what it changes is decided at run time"] };
    }
  }
}
