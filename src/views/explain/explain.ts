import { reportDaemonFailure } from "../../domain/instance/daemon-failure.ts";
import { driftWords } from "../../domain/run/drift.ts";
import type { SettingsEdit } from "../../domain/settings/settings-edits.ts";
import { formatProblem } from "../../domain/settings/problem.ts";
import type { StatusReport } from "../../domain/instance/status.ts";
import type { ExplainInput } from "./input.ts";
import {
  aheadLines,
  checkLines,
  gateLines,
  healthLines,
  nextLines,
  pauseLines,
  runLines,
  slotLines,
  wishLines,
} from "./rows.ts";
import { commitLines } from "./commit.ts";
import { editsOf } from "./settings-observation.ts";
import { situationOf, stageOf, type Situation } from "./situation.ts";
import { todoOf } from "./todo.ts";
import { valuesOf, withoutSecret, type ExplainedValue } from "./values.ts";
import { verdictOf } from "./verdict.ts";
import { moment, triesWords } from "./words.ts";

/** How bad the answer is: everything is as it should be, a person should look, or something failed. */
export type Severity = "good" | "warn" | "bad";

/** The answer to "why is this instance (not) in service?", the most important first. */
export type Explanation = {
  /** The key keeps its first name: programs read it. */
  readonly standing: Severity;
  /** One sentence: whether, and why. */
  readonly verdict: string;
  /** What a person can do, the most useful first. */
  readonly todo: readonly string[];
  /** The code of its error: `muster explain CODE` says more. */
  readonly code?: string;
  /** Short names, and a sentence or more of each. */
  readonly rows: readonly { readonly name: string; readonly lines: readonly string[] }[];
  readonly values: readonly ExplainedValue[];
  /** Tags that tried to steer what they may not. */
  readonly refused: readonly { readonly key: string; readonly why: string }[];
  /** Other notices. */
  readonly notices: readonly { readonly code: string; readonly text: string }[];
  /** What could not be observed. */
  readonly unread: readonly string[];
};

/** Pure: the same input gives the same answer. */
export function explain(input: ExplainInput): Explanation {
  const situation = situationOf(input);
  const { status } = input;
  const code = input.agent.kind === "silent" ? reportDaemonFailure(input.agent).code : codeOf(situation);
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ["why", whyLines(situation)],
    ["checks", checkLines(situation, input)],
    ["health", healthLines(input)],
    ["gate", gateLines(situation, input)],
    ["since", sinceLines(status, input)],
    ["next", nextLines(situation, input)],
    ["ahead", aheadLines(input)],
    ["slot", slotLines(input)],
    ["paused", pauseLines(input)],
    ["run", runLines(input)],
    ["commit", commitLines(input)],
    ["desired", wishLines(input)],
    [
      "reboot",
      status?.rebootRequired.required === true ? [`required: ${status.rebootRequired.reasons.join("; ")}`] : [],
    ],
    [
      "drift",
      status?.drift === undefined
        ? []
        : [`${driftWords(status.drift)}, looked at ${moment(status.drift.at, input.now)}`],
    ],
    ["settings", settingsLines(input)],
    ["instance", instanceLines(status)],
  ];
  const refused = status?.selection?.refused ?? [];
  return {
    standing: severityOf(situation, input),
    verdict: verdictOf(situation, input),
    todo: todoOf(situation, input),
    ...(code === undefined ? {} : { code }),
    rows: rows.flatMap(([name, lines]) => (lines.length === 0 ? [] : [{ name, lines }])),
    values: valuesOf(input, stageOf(situation)),
    refused,
    // A refused tag has a part of its own.
    notices: (status?.notices ?? []).filter((notice) => notice.code !== "tag-refused" || refused.length === 0),
    unread: input.unread,
  };
}

function severityOf(situation: Situation, { agent, settings }: ExplainInput): Severity {
  if (situation.kind === "held" || situation.kind === "stopped") return "bad";
  if (agent.kind === "gone" || agent.kind === "silent") return "bad";
  if (situation.kind !== "serving" || settings.kind === "broken" || editsOf({ settings }).length > 0) return "warn";
  const { unconfirmed, failure, status } = situation;
  return unconfirmed || failure !== undefined || status.health?.healthy === false ? "warn" : "good";
}

function codeOf(situation: Situation): string | undefined {
  if (situation.kind === "held") return situation.error.code;
  if (situation.kind === "under-way") return situation.failure?.error.code;
  return situation.kind === "serving" ? situation.failure?.error.code : undefined;
}

/** The whole message, if it is longer than the verdict. */
function whyLines(situation: Situation): readonly string[] {
  const error =
    situation.kind === "held" ? situation.error : situation.kind === "serving" ? situation.failure?.error : undefined;
  const lines = error?.message.split("\n") ?? [];
  return lines.length > 2 ? lines : [];
}

function sinceLines(status: StatusReport | undefined, { now }: ExplainInput): readonly string[] {
  // Without any record there is no time either.
  if (status === undefined || status.state === "new") return [];
  const { state, since, out } = status;
  const head = `${state.replaceAll("-", " ")} since ${moment(since, now)}`;
  // Of a first try, the state says it all.
  if (out?.failure === undefined || (out.tries === 1 && state === "held")) return [head];
  const last = `the last at ${moment(out.failure.at, now)}`;
  return [head, `out of service since ${moment(out.since, now)}: ${triesWords(out.tries)} failed, ${last}`];
}

/** The edits that an explanation has room for. */
const mostEdits = 6;

function settingsLines(input: ExplainInput): readonly string[] {
  const { settings, agent, now } = input;
  if (settings.kind === "read" && settings.inForce !== undefined) {
    const edits = editsOf(input);
    if (edits.length === 0) return [];
    const readAt = moment(settings.inForce.readAt, now);
    const more = edits.length > mostEdits ? [`and ${edits.length - mostEdits} more`] : [];
    const head = `edited on disk, and not in force: the daemon read its own at ${readAt}`;
    return [head, ...edits.slice(0, mostEdits).map(editLine), ...more];
  }
  if (settings.kind !== "broken") return [];
  const { problems, error } = settings;
  const lines = problems.length === 0 ? [error.message] : problems.map(formatProblem);
  const head =
    agent.kind === "answers"
      ? ["not valid on disk: the agent works with those it began with, and will not start again"]
      : [];
  return [...head, ...lines];
}

function editLine({ path, inForce = "not set", onDisk = "not set" }: SettingsEdit): string {
  return `${path}: in force ${withoutSecret(path, inForce)}, on disk ${withoutSecret(path, onDisk)}`;
}

function instanceLines(status: StatusReport | undefined): readonly string[] {
  const { instance } = status ?? {};
  return instance === undefined ? [] : [`${instance.id} in ${instance.zone} (${instance.cloud})`];
}
