import { publicCheckNames } from "../redact/brief.ts";
import type { Check, CheckResult } from "./check.ts";
import { healthTiers, type HealthPolicy, type HealthTier } from "../role/role.ts";

export type TieredCheck = { readonly tier: HealthTier; readonly check: Check };

/** All checks of a role, from the ground up. */
export function checksOf(policy: HealthPolicy): readonly TieredCheck[] {
  return healthTiers.flatMap((tier) => policy[tier].map((check) => ({ tier, check })));
}

/** The last result of a check while the instance serves; `since` when it began to pass or to fail, ISO 8601. */
export type CheckFound = { readonly tier: HealthTier; readonly name: string; readonly since: string } & CheckResult;

/** The health of the instance between runs. */
export type HealthReport = {
  readonly healthy: boolean;
  /** Since when it is healthy or not, ISO 8601. */
  readonly since: string;
  readonly checks: readonly CheckFound[];
};

/** The health state that the watch keeps. Times of `falls` are monotonic milliseconds. */
export type HealthState = HealthReport & {
  /** Failures in a row, by the name of the check. */
  readonly failures: ReadonlyMap<string, number>;
  /** Rounds in a row in which every check passed. */
  readonly passes: number;
  /** When it became unhealthy, the oldest first; those of the last hour. */
  readonly falls: readonly number[];
};

export function healthStateAt(healthy: boolean, since: string): HealthState {
  return { healthy, since, checks: [], failures: new Map(), passes: 0, falls: [] };
}

/** What one round of all checks found. */
export type Round = {
  readonly results: readonly (TieredCheck & { readonly result: CheckResult })[];
  /** ISO 8601. */
  readonly at: string;
  readonly monotonicMs: number;
};

/** For so long a fall counts against the next rise, in milliseconds. */
const memoryMs = 3_600_000;

/** Rises get longer with every fall of the last hour, and not beyond this many times the first. */
const longestRise = 8;

/**
 * The state after one more round: `fall` failures in a row of any one check make it unhealthy, `rise` rounds in a row
 * in which all pass make it healthy, twice as many after each further fall within an hour: what comes and goes stays
 * out for longer and longer. Pure.
 */
export function afterRound(
  before: HealthState,
  round: Round,
  { fall, rise }: Pick<HealthPolicy, "fall" | "rise">,
): HealthState {
  const { results, at, monotonicMs } = round;
  const failures = new Map(
    results.map(({ check: { name }, result }) => [name, result.ok ? 0 : (before.failures.get(name) ?? 0) + 1]),
  );
  const passes = results.every(({ result }) => result.ok) ? before.passes + 1 : 0;
  const recent = before.falls.filter((fallMs) => monotonicMs - fallMs < memoryMs);
  const healthy = before.healthy
    ? ![...failures.values()].some((count) => count >= fall)
    : passes >= risesIn(recent, rise);
  const fell = before.healthy && !healthy;
  return {
    healthy,
    since: healthy === before.healthy ? before.since : at,
    checks: results.map(({ tier, check: { name }, result }) => {
      const known = before.checks.find((one) => one.name === name);
      return { tier, name, since: known?.ok === result.ok ? known.since : at, ...result };
    }),
    failures,
    passes,
    falls: fell ? [...recent, monotonicMs] : recent,
  };
}

/** How many rounds have to pass before an instance that is not healthy comes back. */
function risesIn(falls: readonly number[], rise: number): number {
  return rise * Math.min(longestRise, 2 ** Math.max(0, falls.length - 1));
}

/** Counting begins anew after a run: services that the run restarted do not count as failures. */
export function interrupted(healthState: HealthState): HealthState {
  return { ...healthState, failures: new Map(), passes: 0 };
}

/** A run has passed every gate, these checks among them: that counts as a rise. */
export function passedGates(healthState: HealthState, at: string): HealthState {
  return healthState.healthy ? healthState : { ...interrupted(healthState), healthy: true, since: at };
}

/** Which checks fail, with what was expected and seen; one sentence. */
export function failingText(checks: readonly CheckFound[]): string {
  const failing = checks.flatMap((check) => (check.ok ? [] : [check]));
  const words = failing.map(
    ({ tier, name, expected, seen }) => `${tier} check ${name}: expected ${expected}, saw ${seen}`,
  );
  return words.length === 0 ? "its checks pass again, and have to go on passing" : words.join("; ");
}

/** Which checks fail, by names for readers other than root; undefined if none fails. */
export function failingNames(checks: readonly CheckFound[]): string | undefined {
  const names = publicCheckNames(checks.map(({ name }) => name));
  const failing = checks.flatMap(({ ok, tier }, at) => (ok ? [] : [`${tier} check ${names[at]}`]));
  return failing.length === 0 ? undefined : failing.join(", ");
}

/** Whether the change is worth a report: not if only what a check saw differs. */
export function isWorthReporting(before: HealthReport | undefined, now: HealthReport): boolean {
  if (before === undefined || before.healthy !== now.healthy || before.checks.length !== now.checks.length) return true;
  return now.checks.some(({ name, ok }, at) => before.checks[at]?.name !== name || before.checks[at]?.ok !== ok);
}
