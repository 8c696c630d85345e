import type { CheckPacing, CheckResult } from "../../domain/health/check.ts";
import { checksOf } from "../../domain/health/health.ts";
import type { HealthPolicy } from "../../domain/role/role.ts";
import type { PlannedStep } from "../../ports/stage-context.ts";

/** The state of one check. Times are monotonic milliseconds. */
export type CheckState = {
  readonly healthy: boolean;
  readonly attempts: number;
  /** The last attempt; absent before the first. */
  readonly last?: CheckResult;
  /** How many attempts in a row had the result of the last one, and when the first of them ended. */
  readonly streak: number;
  readonly sinceMs: number;
};

/** A check without an attempt is not healthy. */
export function untried(nowMs: number): CheckState {
  return { healthy: false, attempts: 0, streak: 0, sinceMs: nowMs };
}

/** The state after one more attempt: `rise` passes in a row make it healthy, `fall` failures in a row unhealthy. */
export function advance(state: CheckState, result: CheckResult, pacing: CheckPacing, nowMs: number): CheckState {
  const same = state.last?.ok === result.ok;
  const streak = same ? state.streak + 1 : 1;
  const turned = streak >= (result.ok ? pacing.rise : pacing.fall);
  return {
    healthy: turned ? result.ok : state.healthy,
    attempts: state.attempts + 1,
    last: result,
    streak,
    sinceMs: same ? state.sinceMs : nowMs,
  };
}

/** The checks as lines of a dry run. */
export function describe(policy: HealthPolicy): readonly PlannedStep[] {
  return checksOf(policy).map(({ tier, check }) => ({ text: `check ${tier}: ${check.name}` }));
}
