import { publicCheckNames } from "../../domain/redact/brief.ts";
import { checksOf } from "../../domain/health/health.ts";
import type { HealthPolicy } from "../../domain/role/role.ts";
import type { PlannedStep, StageContext, StageResult } from "../../ports/stage-context.ts";
import { passGate, type GatePorts } from "./gate.ts";
import { describe } from "./plan.ts";
import type { HealthResult } from "./result.ts";
import type { WatchedCheck } from "./words.ts";

/**
 * The gate before membership: every check of every tier has to pass.
 * @throws MusterError `health-failed` at the policy's deadline, naming each check that does not pass
 */
export async function healthStage(
  policy: HealthPolicy,
  ports: GatePorts,
  context: StageContext,
): Promise<StageResult<HealthResult>> {
  const checks = checksOf(policy);
  if (checks.length === 0) {
    return { value: { checks: [] }, outcome: "skipped", summary: "the role has no health checks", facts: {} };
  }
  const names = checks.map(({ check }) => check.name);
  const told = (these: readonly string[]) => `${checks.length} checks: ${these.join(", ")}`;
  context.progress(told(names), told(publicCheckNames(names)));
  const begun = ports.clock.monotonicMs();
  const passed = await passGate(checks, policy.deadlineMs, ports, context);
  const smoke = passed.filter(({ tier }) => tier === "smoke");
  return {
    value: { checks: passed.map(remembered) },
    outcome: "unchanged",
    summary: `${count(passed.length)} passed`,
    facts: {
      checks: passed.length,
      attempts: passed.reduce((sum, { state }) => sum + state.attempts, 0),
      seconds: Math.round((ports.clock.monotonicMs() - begun) / 100) / 10,
      seen: passed.map(seenText),
      ...(smoke.length === 0 ? {} : { smokeSeen: smoke.map(seenText) }),
    },
  };
}

function seenText({ tier, check, state }: WatchedCheck): string {
  return `${tier} check ${check.name}: ${state.last?.seen ?? "passed"}`;
}

/** The checks that the gate would make. */
export function planHealth(policy: HealthPolicy): readonly PlannedStep[] {
  return describe(policy);
}

function remembered({ tier, check, state }: WatchedCheck) {
  return { tier, name: check.name, seen: state.last?.seen ?? "", attempts: state.attempts };
}

function count(checks: number): string {
  return checks === 1 ? "the one check" : `all ${checks} checks`;
}
