import { MusterError } from "../../domain/errors/errors.ts";
import type { Json } from "../../domain/text/canonical.ts";
import type { Clock } from "../../ports/clock.ts";
import type { PlannedStep, StageContext, StageResult } from "../../ports/stage-context.ts";
import { askAll, type Foreseen } from "./ask-all.ts";
import type { Subject } from "./probes.ts";

/** What was foreseen, as the journal holds it: no message, which may quote others. */
export type PreflightResult = { readonly problems: Json };

/**
 * Looks for what a later stage would fail for. Changes nothing.
 * @param joins the run is to take the instance into service; else what is foreseen is a warning
 * @throws MusterError `preflight-failed`, with all problems at once, where one of them would keep the instance out
 */
export async function preflightStage(
  { subject, joins }: { readonly subject: Subject; readonly joins: boolean },
  clock: Pick<Clock, "sleep">,
  context: StageContext,
): Promise<StageResult<PreflightResult>> {
  const findings = await askAll(subject, clock, context.signal);
  const problems = findings.filter((one) => one.kind === "problem");
  const unknown = findings.filter(({ kind }) => kind === "unknown").length;
  if (joins && problems.some(({ holds }) => holds)) throw failure(problems);
  for (const problem of problems) context.warn(problem.error.code, `Foreseen for ${describe(problem)}`);
  return {
    value: {
      problems: problems.map(({ probe, subject: where, error }) => ({ probe, subject: where, code: error.code })),
    },
    outcome: "unchanged",
    summary: summaryOf(findings.length, problems.length, unknown),
    facts: { looks: findings.length, problems: problems.map(({ error }) => error.code), unknown },
  };
}

/** For a dry run: what is foreseen, and what could not be seen. */
export async function planPreflight(
  subject: Subject,
  clock: Pick<Clock, "sleep">,
  { signal }: Pick<StageContext, "signal">,
): Promise<readonly PlannedStep[]> {
  const findings = await askAll(subject, clock, signal);
  return findings.flatMap((one): PlannedStep[] => {
    if (one.kind === "ok") return [];
    if (one.kind === "unknown") return [{ text: `not known for ${one.subject}: ${one.why}` }];
    return [{ text: `foreseen for ${describe(one)} (${one.error.code})`, details: [one.error.hint] }];
  });
}

function failure(problems: readonly Foreseen[]): MusterError {
  const each = problems.map((problem) => `${describe(problem)} (${problem.error.code}): ${problem.error.hint}`);
  const listed = each.length === 1 ? each.join("") : each.map((text, at) => `${at + 1}. ${text}`).join(" ");
  return new MusterError({
    code: "preflight-failed",
    message: `The instance cannot go into service. ${listed}`,
    hint: "Correct what the message lists, then run: muster run",
    subjects: [...new Set(problems.map(({ error }) => error.code))],
  });
}

function describe({ subject, error }: Foreseen): string {
  return `${subject}: ${error.message}`;
}

function summaryOf(looks: number, problems: number, unknown: number): string {
  const found = problems === 0 ? "no problem" : `${problems} ${problems === 1 ? "problem" : "problems"}`;
  return `${found} in ${looks} looks${unknown === 0 ? "" : `, ${unknown} without an answer`}`;
}
