import { reportOf } from "../domain/errors/errors.ts";
import type { Wish } from "../domain/membership/membership.ts";
import { membershipStages } from "../domain/run/run.ts";
import type { MembershipStage } from "../domain/run/run.ts";
import type { PlannedStep } from "../ports/stage-context.ts";
import { observe } from "./reconcile/observe.ts";
import type { MembershipPorts } from "./reconcile/observe.ts";
import { plan } from "./reconcile/plan.ts";
import type { PlanFacts } from "./reconcile/plan.ts";
import { describeStep } from "./reconcile/steps.ts";

/** The dry run of a wish, by stage: observes and plans, and changes nothing. */
export async function preview(
  given: {
    readonly wish: Wish;
    readonly ports: MembershipPorts;
    readonly tagPrefix: string;
    readonly passing: PlanFacts["passing"];
    readonly partedMs: number;
    readonly launch?: string | undefined;
  },
  signal: AbortSignal,
): Promise<Readonly<Record<MembershipStage, readonly PlannedStep[]>>> {
  const { wish, ports, tagPrefix, passing, partedMs, launch } = given;
  const view = await observe(wish, ports, new Set(membershipStages), signal);
  const phases = plan(wish, view.observed, {
    partedMs,
    clearedMs: 0,
    serveLeftMs: Infinity,
    tagPrefix,
    passing,
    launch,
  });
  const steps = phases.flatMap((phase) => phase.steps);
  function stepsOf(stage: MembershipStage): readonly PlannedStep[] {
    const error = view.failures.get(stage);
    if (error !== undefined) {
      const details = [reportOf(error).message];
      return [{ text: "Decided at run time, because it could not be looked at now", details }];
    }
    return steps.filter((step) => step.stage === stage).map(describeStep);
  }
  return { register: stepsOf("register"), dns: stepsOf("dns"), tags: stepsOf("tags") };
}
