import { briefError } from "../domain/brief.ts";
import { MusterError, reportOf, type ErrorReport } from "../domain/errors.ts";
import type { StageName } from "../domain/run.ts";
import { withinDeadline } from "../lib/async/deadline.ts";
import type { RunDeps } from "./deps.ts";
import { byOf, keptOut } from "./kept-out.ts";
import type { Run } from "./step.ts";

/** How long a held run may try to take leftovers away and to write its state, in milliseconds. */
const limitMs = 60_000;

/**
 * A gate did not pass: the instance is wished out, wherever an earlier boot may have left it, and its state
 * tags say why. What cannot be written now is said and reconciled later: being held does not hang on it.
 */
export async function hold(run: Run, stage: StageName, error: ErrorReport, deps: RunDeps): Promise<void> {
  const former = deps.membership.status().wish;
  if (keptOut(former, deps.bootId, byOf(run.journal.state.started.request.cause))) return;
  // It goes into a tag, which everybody in the account may read; status and journal have the error itself.
  const reason = `held at ${stage}: ${briefError(error)}`;
  async function takeAway(signal: AbortSignal): Promise<void> {
    await deps.membership.want({
      want: "out",
      by: "run",
      reason,
      bootId: deps.bootId,
      tags: { state: "held", reason, run: run.id, ...(commit === undefined ? {} : { commit }) },
    });
    await deps.membership.reconcile({ signal, listen: quiet(run), serveLimitMs: 0 });
  }
  const commit = former?.tags["commit"];
  try {
    await withinDeadline(limitMs, run.clock, run.signal, takeAway, tooSlow);
  } catch (thrown) {
    // Whoever cancels the run ends this too; the wish stays and is reconciled.
    if (run.signal.aborted) return;
    const { code, message } = reportOf(thrown);
    run.emit({ type: "notice", level: "warning", code, text: `Not everything could be taken away: ${message}` });
  }
}

function tooSlow(): MusterError {
  return new MusterError({
    code: "membership-slow",
    message: `leaving took longer than ${limitMs / 1000} s`,
    hint: "It is tried again with the next run.",
    transient: true,
  });
}

/** The run's own stages already told their end: of this only what matters to a person is said. */
function quiet(run: Run): Run["emit"] {
  return (event) => {
    if (event.type === "notice") run.emit(event);
  };
}
