import { reportDaemonFailure } from "../../domain/instance/daemon-failure.ts";
import { numberOf } from "../../domain/run/run-id.ts";
import type { PendingPart } from "../../domain/membership/membership.ts";
import type { StageStatus } from "../../domain/instance/status.ts";
import type { ExplainInput } from "./input.ts";
import { editsOf } from "./settings-observation.ts";
import type { RunStatus, Situation } from "./situation.ts";
import { firstProblem, listed, triesWords } from "./words.ts";

/** One sentence: whether the instance is in service, and why. A daemon that does not work comes first. */
export function verdictOf(situation: Situation, input: ExplainInput): string {
  const { agent } = input;
  const known = knownOf(situation, input);
  if (agent.kind !== "silent" && agent.kind !== "gone") return known;
  const { message } = reportDaemonFailure(agent);
  if (situation.kind === "unknown") return `${message}. ${known}`;
  // The words for a missing agent, by situation.
  return agent.kind === "silent" ? `${message}. What was known last: ${known}` : known;
}

function knownOf(situation: Situation, input: ExplainInput): string {
  const gone = input.agent.kind === "gone" ? goneWords(input) : undefined;
  switch (situation.kind) {
    case "unknown":
      return "Whether this instance is in service cannot be told: its status cannot be read";
    case "before-run": {
      if (gone === undefined) return "Not in service yet: the boot run has not begun";
      const had = situation.status.run === undefined ? "no run was ever made" : "this boot had no whole run yet";
      return `Not in service: ${gone}, and ${had}`;
    }
    case "under-way": {
      const { failure, status, run, stage } = situation;
      const before = failure === undefined ? "" : `; ${triesWords(status.out?.tries ?? 1)} failed before it, the last `;
      const why = failure === undefined ? "" : `${at(failure.stage)}: ${firstProblem(failure.error.message)}`;
      return `Not in service yet: ${runWords(run)} is ${atWork(stage)}${before}${why}`;
    }
    case "stopped": {
      const where = `${runWords(situation.run)} stopped ${at(situation.stage?.stage)}`;
      if (situation.status.state === "in-service") return `In service as far as is known, but ${where}: ${gone}`;
      return `Not in service: ${where}, because ${gone}`;
    }
    case "held": {
      const why = `held ${at(situation.stage)}: ${firstProblem(situation.error.message)}`;
      return gone === undefined
        ? `Not in service, ${why}`
        : `Not in service and not tried again: ${gone}. It was ${why}`;
    }
    case "out":
      return `Not in service: ${byHand(input)}${situation.status.reason}${gone === undefined ? "" : `; ${gone}`}`;
    case "leaving":
      return `Leaving service: ${situation.status.reason}${gone === undefined ? "" : `; unfinished, because ${gone}`}`;
    case "rebooting":
      return `Not in service yet: the machine reboots, ${situation.status.reason}`;
    case "serving": {
      const { status, failure, unconfirmed } = situation;
      if (gone !== undefined)
        return `The daemon does not answer: ${gone}. As far as is known this instance is in service`;
      if (failure !== undefined) {
        const message = firstProblem(failure.error.message);
        return `In service, but ${runWords(status.run)} failed ${at(failure.stage)}: ${message}`;
      }
      const settings = settingsWords(input);
      if (status.pending !== undefined && !unconfirmed) {
        const parts = [status.pending, ...(status.pending.others ?? [])];
        const why = parts.map(({ text }) => firstProblem(text)).join("; ");
        return `In service, but ${listed(parts.map(pendingWords))}: ${why}`;
      }
      const sick = status.health?.healthy === false ? ", but not healthy" : "";
      return `In service${unconfirmed ? ", unconfirmed" : ""}${sick}${settings}: ${status.reason}`;
    }
  }
}

function settingsWords(input: ExplainInput): string {
  if (input.settings.kind === "broken") return ", but the settings on disk are not valid";
  return editsOf(input).length > 0 ? ", but the settings on disk are not in force" : "";
}

function pendingWords({ stage }: PendingPart): string {
  switch (stage) {
    case "dns":
      return "its names are not published yet";
    case "tags":
      return "its state tags are not written yet";
    default:
      return "balancer, names and tags are not all as wanted yet";
  }
}

function goneWords({ settings }: ExplainInput): string {
  if (settings.kind !== "broken") return "the agent is not running";
  return settings.error.code === "settings-missing"
    ? "the agent cannot start without settings"
    : "the agent cannot start with these settings";
}

function byHand({ wish }: ExplainInput): string {
  return wish?.want === "out" && wish.by === "operator" ? "taken out by hand: " : "";
}

function runWords(run: RunStatus | undefined): string {
  return run === undefined ? "the last run" : `run ${numberOf(run.id)}`;
}

function at(stage: string | undefined): string {
  return stage === undefined ? "before its first stage" : `at ${stage}`;
}

function atWork(stage: StageStatus | undefined): string {
  if (stage === undefined) return "between two stages";
  const { state, text } = stage;
  const doing = text === "" ? "" : `: ${text}`;
  return `at ${stage.stage}${state === "waiting" ? ", which waits" : ""}${doing}`;
}
