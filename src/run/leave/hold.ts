import { briefError } from "../../domain/redact/brief.ts";
import { MusterError, reportOf, type ErrorReport } from "../../domain/errors/errors.ts";
import type { StageName } from "../../domain/run/run.ts";
import { withinDeadline } from "../../lib/async/deadline.ts";
import type { OutOfService } from "../../domain/instance/status.ts";
import type { RunDeps } from "../spine/deps.ts";
import { byOf, keptOut } from "../start/kept-out.ts";
import type { Run } from "../spine/step.ts";

/** How long a held run may try to remove left-overs and to write its state, in milliseconds. */
const limitMs = 60_000;

/**
 * A gate did not pass. The desired state becomes out of service, which also removes what an earlier boot registered,
 * and the state tags say why, and since when. A failure to write this is reported and reconciled later: the instance is held anyway.
 */
export async function hold(
  run: Run,
  stage: StageName,
  error: ErrorReport,
  deps: RunDeps,
  out?: OutOfService,
): Promise<void> {
  const former = deps.membership.status().wish;
  if (keptOut(former, deps.bootId, byOf(run.journal.state.started.request.cause))) return;
  // Everybody in the account may read tags: they get the short form, status and journal the whole error.
  const reason = `held at ${stage}: ${briefError(error)}`;
  // This run is not over yet.
  const said = out === undefined ? reason : `${reason}; tries: ${out.tries + 1}, out of service since ${out.since}`;
  async function takeAway(signal: AbortSignal): Promise<void> {
    await deps.membership.want({
      want: "out",
      by: "run",
      reason,
      bootId: deps.bootId,
      tags: { state: "held", reason: said, run: run.id, ...(commit === undefined ? {} : { commit }) },
    });
    await deps.membership.reconcile({ signal, listen: quiet(run), serveLimitMs: 0 });
  }
  const commit = former?.tags["commit"];
  try {
    await withinDeadline(limitMs, run.clock, run.signal, takeAway, tooSlow);
  } catch (thrown) {
    // A cancelled run ends here. The desired state stays, and the reconciler works on it.
    if (run.signal.aborted) return;
    const { code, message } = reportOf(thrown);
    run.emit({ type: "notice", level: "warning", code, text: `Not everything could be taken away: ${message}` });
  }
}

function tooSlow(): MusterError {
  return new MusterError({
    code: "membership-slow",
    message: `leaving took longer than ${limitMs / 1000} s`,
    hint: "The desired state stays out of service; what is missing: muster status",
    transient: true,
  });
}

/** The stages of the run have reported their ends. Of the leave only the notices are reported. */
function quiet(run: Run): Run["emit"] {
  return (event) => {
    if (event.type === "notice") run.emit(event);
  };
}
