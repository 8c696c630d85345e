import { reportDaemonFailure } from "../../domain/instance/daemon-failure.ts";
import { formatProblem } from "../../domain/settings/problem.ts";
import type { StatusReport } from "../../domain/instance/status.ts";
import type { ExplainInput, SettingsObservation } from "./input.ts";
import { wayBack } from "./commit.ts";
import { editsOf } from "./settings-observation.ts";
import type { Situation } from "./situation.ts";
import { listed } from "./words.ts";

/** The actions for a person, the most useful first, one sentence each. Never empty. */
export function todoOf(situation: Situation, input: ExplainInput): readonly string[] {
  const { agent } = input;
  if (agent.kind === "silent") return [hintOf(reportDaemonFailure(agent).hint)];
  if (situation.kind === "unknown" && agent.kind === "gone") return [hintOf(reportDaemonFailure(agent).hint)];
  if (situation.kind === "unknown") return ["Ask as root: sudo muster explain"];
  if (situation.kind === "rebooting") return ["Nothing: the run goes on after the reboot"];
  if (agent.kind === "gone") return begin(situation, input);
  switch (situation.kind) {
    case "before-run":
      return ["Nothing yet: muster status --wait shows the run as soon as it begins"];
    case "under-way":
      return [
        ...(situation.failure === undefined ? [] : [hintOf(situation.failure.error.hint)]),
        situation.stage?.state === "waiting"
          ? "See to what it waits for; it goes on by itself as soon as that is there (muster status --wait shows it)"
          : "Nothing yet: muster status --wait shows it at work",
      ];
    case "held":
      if (editsOf(input).length > 0) return [putInForce("tries again at once"), hintOf(situation.error.hint)];
      return [hintOf(situation.error.hint), ...wayBack(situation, input), triedAgain(situation.status)];
    case "out":
      return [comesBack(input)];
    case "leaving":
      return ["Nothing: it is out as soon as it has drained; muster join takes it back"];
    case "serving":
      return [...serves(situation, input), ...wayBack(situation, input)];
    case "stopped":
      return begin(situation, input);
  }
}

function triedAgain({ pause }: StatusReport): string {
  return pause === undefined
    ? "It is tried again by itself; muster run tries at once"
    : "Paused, so it is not tried again by itself; muster resume tries at once";
}

/** Without a working agent, that comes first. */
function begin(situation: Situation, { settings }: ExplainInput): readonly string[] {
  if (settings.kind === "broken") return [...correct(settings), "Then systemctl restart muster"];
  const held = situation.kind === "held" ? [hintOf(situation.error.hint)] : [];
  return ["Find out why with systemctl status muster, then systemctl start muster", ...held];
}

function correct({ problems, error }: Extract<SettingsObservation, { kind: "broken" }>): readonly string[] {
  const [first, ...more] = problems;
  if (first === undefined) return [hintOf(error.hint)];
  const others = more.length === 0 ? [] : [`Correct ${more.length} more in the settings (below)`];
  return [`Correct ${formatProblem(first)}`, ...others];
}

function comesBack({ wish }: ExplainInput): string {
  if (wish?.by === "operator") return "muster join brings it back, through the gates";
  if (wish?.by === "health") {
    return "See to the checks that fail (below); it comes back by itself, through the gates, when they go on passing";
  }
  return "Nothing: it joins by itself as soon as it is wanted in service";
}

/** For settings that were edited and not read since. */
function putInForce(then: string): string {
  return `Put the edited settings in force (below): systemctl reload muster; it ${then}`;
}

function serves(
  { failure, unconfirmed, status }: Extract<Situation, { kind: "serving" }>,
  { settings }: ExplainInput,
): readonly string[] {
  if (editsOf({ settings }).length > 0) {
    const others = failure === undefined ? [] : [hintOf(failure.error.hint)];
    return [putInForce("ends neither a run nor service"), ...others];
  }
  if (failure !== undefined) return [hintOf(failure.error.hint)];
  if (settings.kind === "broken") return [...correct(settings), "Until then the agent must not be restarted"];
  if (unconfirmed) return ["See to what does not answer; it is confirmed by itself as soon as that is there"];
  if (status.pending !== undefined) {
    const { code, others = [] } = status.pending;
    const asked = listed(
      [...new Set([code, ...others.map((other) => other.code)])].map((one) => `muster explain ${one}`),
    );
    return [`Users are served; ${asked} can say what to do. It is tried again by itself (below)`];
  }
  if (status.health?.healthy === false) return ["See to the checks that fail (below); nothing else sends users away"];
  return [status.rebootRequired.required ? "Nothing now; reboot it when that suits (see below)" : "Nothing"];
}

function hintOf(hint: string): string {
  return hint === "" ? "Look at the log: journalctl -u muster" : hint.replace(/\.$/, "");
}
