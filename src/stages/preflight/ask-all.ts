import { abortable } from "../../lib/async/abortable.ts";
import { createDeadline, type Deadline } from "../../lib/async/deadline.ts";
import type { ErrorCode } from "../../domain/errors/error-codes.ts";
import { MusterError, reportOf } from "../../domain/errors/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import { probeNames, type Finding, type Look, type ProbeName } from "../../ports/probe.ts";
import { probes, type Subject } from "./probes.ts";

/** A problem that a look foresaw. */
export type Foreseen = Extract<Finding, { readonly kind: "problem" }>;

/** How long one look may take, in milliseconds: no run is kept longer by it, however short its patching was. */
export const answerMs = 5_000;

/** Passing failures that say what is wrong: the stage that meets them goes on trying, so they hold no run here. */
const patient: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "aws-access-denied",
  "balancer-group-missing",
  "balancer-socket-denied",
  "balancer-socket-missing",
]);

/** Makes every look that the subject needs, side by side. @throws the signal's reason, and nothing else */
export async function askAll(
  subject: Subject,
  clock: Pick<Clock, "sleep">,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const looks = probeNames.flatMap((probe) => probes[probe].looks(subject).map((look) => ({ probe, look })));
  // One signal for all: adapters make one request of what is asked for with the same.
  const deadline = createDeadline(answerMs, clock, signal);
  try {
    const findings = await Promise.all(looks.map(({ probe, look }) => findingOf(probe, look, subject, deadline)));
    signal.throwIfAborted();
    return findings;
  } finally {
    deadline.end();
  }
}

/** Never rejects: what was thrown when the signal aborted is passed over. */
async function findingOf(
  probe: ProbeName,
  { subject: where, ask }: Look,
  subject: Subject,
  deadline: Deadline,
): Promise<Finding> {
  const about = { probe, subject: where };
  try {
    await abortable(ask(deadline.signal), deadline.signal);
    return { ...about, kind: "ok" };
  } catch (error) {
    if (deadline.isOver()) return { ...about, kind: "unknown", why: `no answer within ${answerMs / 1000} s` };
    const report = reportOf(error);
    const isKnown = error instanceof MusterError && (!error.transient || patient.has(report.code));
    if (!isKnown) return { ...about, kind: "unknown", why: report.message };
    return {
      ...about,
      kind: "problem",
      error: report,
      holds: !error.transient && probes[probe].decides(subject, report.code),
    };
  }
}
