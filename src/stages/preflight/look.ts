import { answerWithin } from "../../lib/async/deadline.ts";
import type { ErrorCode } from "../../domain/errors/error-codes.ts";
import { MusterError, reportOf } from "../../domain/errors/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import { probeNames, type Finding, type Look, type ProbeName } from "../../ports/probe.ts";
import { probes, type Subject } from "./probes.ts";

/** A problem that a look foresaw. */
export type Foreseen = Extract<Finding, { readonly kind: "problem" }>;

/** How long one look may take, in milliseconds: no run is kept longer by it, however short its patching was. */
export const lookMs = 5_000;

/** Passing failures that say what is wrong: the stage that meets them goes on trying, so they hold no run here. */
const patient: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["balancer-group-missing", "aws-access-denied"]);

/** Makes every look that the subject needs, side by side. @throws the signal's reason, and nothing else */
export async function lookAt(
  subject: Subject,
  clock: Pick<Clock, "sleep">,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const looks = probeNames.flatMap((probe) => probes[probe].looks(subject).map((look) => ({ probe, look })));
  const findings = await Promise.all(looks.map(({ probe, look }) => findingOf(probe, look, subject, clock, signal)));
  signal.throwIfAborted();
  return findings;
}

/** Never rejects: what was thrown when the signal aborted is passed over. */
async function findingOf(
  probe: ProbeName,
  { subject: where, ask }: Look,
  subject: Subject,
  clock: Pick<Clock, "sleep">,
  signal: AbortSignal,
): Promise<Finding> {
  const about = { probe, subject: where };
  try {
    const answer = await answerWithin(lookMs, clock, signal, ask);
    if (answer === "late") return { ...about, kind: "unknown", why: `no answer within ${lookMs / 1000} s` };
    return { ...about, kind: "ok" };
  } catch (error) {
    const report = reportOf(error);
    const isKnown = error instanceof MusterError && (!error.transient || patient.has(report.code));
    if (!isKnown) return { ...about, kind: "unknown", why: report.message };
    return { ...about, kind: "problem", error: report, holds: !error.transient && probes[probe].decides(subject) };
  }
}
