import { publicCheckNames } from "../../domain/redact/brief.ts";
import { MusterError } from "../../domain/errors/errors.ts";
import type { TieredCheck } from "../../domain/health/health.ts";
import { formatDuration } from "../../domain/text/units.ts";
import type { CheckState } from "./plan.ts";

export type WatchedCheck = TieredCheck & { readonly state: CheckState };

/** What a gate waits for; undefined before there is anything to report. */
export function waitingText(checks: readonly WatchedCheck[]): string | undefined {
  const failing = checks.filter(({ state }) => state.last?.ok === false);
  if (failing.length > 0) {
    return `${failing.length} of ${checks.length} checks not passing: ${failing.map(contrast).join("; ")}`;
  }
  const rising = checks.filter(({ state }) => state.last?.ok === true && !state.healthy);
  if (rising.length === 0) return undefined;
  const words = rising.map(({ check, state }) => `${check.name} (${state.streak} of ${check.pacing.rise} times)`);
  return `${rising.length} of ${checks.length} checks have to pass again: ${words.join("; ")}`;
}

/**
 * Why the gate did not open: every check that is not healthy, with the expected and the seen value.
 * @param said what the programs behind them last said, by the name of the check
 */
export function healthFailed(
  checks: readonly WatchedCheck[],
  deadlineMs: number,
  nowMs: number,
  said: ReadonlyMap<string, string> = new Map(),
): MusterError {
  const unhealthy = checks.filter(({ state }) => !state.healthy);
  const words = unhealthy.map((one) => {
    const log = said.get(one.check.name);
    const logged = log === undefined ? "" : `; its log: ${log}`;
    return `${one.tier} check ${contrast(one)} (${history(one.state, nowMs)}${logged})`;
  });
  const names = publicCheckNames(checks.map(({ check }) => check.name));
  return new MusterError({
    code: "health-failed",
    subjects: checks.flatMap(({ tier, state }, at) => (state.healthy ? [] : [`${tier} check ${names[at]}`])),
    message: `${unhealthy.length} of ${checks.length} health checks did not pass within ${formatDuration(deadlineMs)}: ${words.join("; ")}`,
    hint: "Look at the log of the service that is checked, or correct the check or its deadline in the catalogue.",
  });
}

/** The same for readers other than root: how many, and which. */
export function waitingBrief(checks: readonly WatchedCheck[]): string {
  const names = publicCheckNames(checks.map(({ check }) => check.name));
  const open = names.filter((_name, at) => checks[at]?.state.healthy === false);
  return `${open.length} of ${checks.length} checks not passing: ${open.join(", ")}`;
}

function contrast({ check, state }: WatchedCheck): string {
  const { last } = state;
  if (last === undefined) return `${check.name}: no attempt has ended`;
  if (last.ok) return `${check.name}: passed ${state.streak} of ${check.pacing.rise} times in a row`;
  return `${check.name}: expected ${last.expected}, saw ${last.seen}`;
}

function history(state: CheckState, nowMs: number): string {
  const attempts = `${state.attempts} attempt${state.attempts === 1 ? "" : "s"}`;
  if (state.last?.ok !== false) return attempts;
  return `${attempts}, failing for ${formatDuration(nowMs - state.sinceMs)}`;
}
