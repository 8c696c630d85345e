import { describeMaintenance } from "../domain/membership/cloud-notice.ts";
import { driftWords } from "../domain/run/drift.ts";
import type { RunEvent } from "../domain/run/events.ts";
import { failingText, type HealthReport } from "../domain/health/health.ts";
import type { StageName } from "../domain/run/run.ts";
import { describeSlot } from "../domain/membership/slot.ts";
import { describeStart } from "../domain/instance/start-type.ts";
import { formatDuration } from "../domain/text/units.ts";

/** Priorities of syslog: 3 error, 4 warning, 5 notice, 6 info, 7 debug. */
type Priority = 3 | 4 | 5 | 6 | 7;

/** An event in words, one sentence or two. */
export type Described = {
  readonly priority: Priority;
  /** The stage of the event; absent for events of the run, and others without a stage. */
  readonly stage?: StageName;
  /** Without the name of the stage, which is shown before it. */
  readonly text: string;
};

/**
 * The line of an event in a log without columns; undefined for an event that is not shown.
 * @param prefixed whether the line begins with `<n>`, the priority that systemd's journal removes
 */
export function storyLine(event: RunEvent, prefixed: boolean): string | undefined {
  const told = describeEvent(event);
  if (told === undefined) return undefined;
  const { priority, stage, text } = told;
  const words = stage === undefined ? text : `${stage}${event.type === "stage-finished" ? "" : ":"} ${text}`;
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return `${prefixed ? `<${priority}>` : ""}${words.replaceAll(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g, " ")}\n`;
}

/** The story of a run. Progress is part of it when it changes; external commands and their output are not. */
export function describeEvent(event: RunEvent): Described | undefined {
  switch (event.type) {
    case "run-started": {
      const resumed = event.resumed ? ", taken up where it was interrupted" : "";
      return {
        priority: 5,
        text: `run ${event.run ?? ""} begins: ${describeStart(event.cause, event.startType)}${resumed}`,
      };
    }
    case "stage-progress":
      return event.text === "" ? undefined : { priority: 6, stage: event.stage, text: event.text };
    case "stage-finished":
      return { priority: event.error === undefined ? 6 : 3, stage: event.stage, text: outcomeWords(event) };
    case "run-finished":
      return { priority: event.end.kind === "held" || event.end.kind === "failed" ? 3 : 5, text: endWords(event) };
    case "state-changed":
      return { priority: event.state === "held" ? 4 : 5, text: `${event.state}: ${event.reason}` };
    case "pause-changed":
      return { priority: 5, text: pauseWords(event) };
    case "health-changed":
      return event.health === undefined ? undefined : describeHealth(event.health);
    case "slot-changed":
      return { priority: 5, text: slotWords(event) };
    case "maintenance-announced":
      return { priority: 5, text: maintenanceWords(event) };
    case "drift-checked":
      return { priority: event.drift.drifted === 0 ? 6 : 4, text: driftWords(event.drift) };
    case "control-asked":
      return { priority: 5, text: askedWords(event) };
    case "retry-scheduled":
      return { priority: 5, text: `trying again in ${formatDuration(event.inMs)}` };
    case "notice":
      return {
        priority: event.level === "info" ? 6 : event.level === "warning" ? 4 : 3,
        text: `${event.text} [${event.code}]`,
      };
    case "cloud-call":
      return { priority: 7, text: callWords(event) };
    // A notice says it.
    case "cordon-changed":
    case "membership-pending":
    case "stage-started":
    case "stage-output":
    case "stage-planned":
    case "command-started":
    case "command-finished":
    case "run-facts":
      return undefined;
  }
}

function outcomeWords({ outcome, summary, durationMs, error }: Extract<RunEvent, { type: "stage-finished" }>): string {
  const took = durationMs < 50 ? "" : ` (${formatDuration(durationMs)})`;
  if (error === undefined) return `${outcome}: ${summary}${took}`;
  return `failed: ${error.message}${took}. ${error.hint} [${error.code}]`;
}

function pauseWords({ pause, over = "resumed" }: Extract<RunEvent, { type: "pause-changed" }>): string {
  if (pause === undefined) return `the pause is over: ${over}`;
  return `paused by ${pause.by} until ${pause.until}: ${pause.reason}`;
}

function maintenanceWords({ maintenance }: Extract<RunEvent, { type: "maintenance-announced" }>): string {
  if (maintenance.length === 0) return "no maintenance is announced any more";
  return maintenance.map((each) => `from ${each.notBefore}: ${describeMaintenance(each)}`).join("; ");
}

function describeHealth(health: HealthReport): Described {
  const failing = health.checks.filter(({ ok }) => !ok).length;
  const verdict = health.healthy ? "healthy" : "not healthy";
  if (failing === 0) return { priority: 6, text: `${verdict}: all ${health.checks.length} checks pass` };
  return { priority: 4, text: `${verdict}: ${failingText(health.checks)}` };
}

function slotWords({ slot }: Extract<RunEvent, { type: "slot-changed" }>): string {
  return slot === undefined ? "the slot is given back" : `holds ${describeSlot(slot)} until ${slot.until}`;
}

function askedWords({ socket, request, detail, refused }: Extract<RunEvent, { type: "control-asked" }>): string {
  const what = detail === undefined ? request : `${request} ${detail}`;
  return `${refused === true ? "refused" : "asked"} on ${socket}: ${what}`;
}

function callWords(event: Extract<RunEvent, { type: "cloud-call" }>): string {
  const { operation, durationMs, attempts, requestId, failure } = event;
  const tries = attempts === 1 ? "" : `, ${attempts} attempts`;
  const asked = requestId === undefined ? "" : `, request ${requestId}`;
  return `${operation} ${failure ?? "ok"} (${Math.round(durationMs)} ms${tries}${asked})`;
}

function endWords(event: Extract<RunEvent, { type: "run-finished" }>): string {
  const { end } = event;
  const took = formatDuration(event.durationMs);
  const run = `run ${event.run ?? ""} ended after ${took}`;
  switch (end.kind) {
    case "in-service":
      return `${run}: in service${end.changed ? "" : ", nothing had to be changed"}`;
    case "unconfirmed":
      return `${run}: ${end.note}`;
    case "done":
      return `${run}: done${end.note === undefined ? "" : ` (${end.note})`}`;
    case "rebooting":
      return `run ${event.run ?? ""} reboots the machine after ${end.stage}, ${took} into it, and goes on afterwards: ${end.reasons.join("; ")}`;
    case "held":
      return `${run}: held at ${end.stage}`;
    case "failed":
      return `${run}: failed at ${end.stage}; membership stays as it is`;
  }
}
