import { describeMaintenance } from "../../domain/membership/cloud-notice.ts";
import type { RunEvent } from "../../domain/run/events.ts";
import type { DnsRecord, Target, Wish, WishBy } from "../../domain/membership/membership.ts";
import type { Pause } from "../../domain/instance/pause.ts";
import { describeSlot } from "../../domain/membership/slot.ts";
import { zoneDetails, zoneText } from "../../domain/membership/zone.ts";
import { describeStart } from "../../domain/instance/start-type.ts";
import type { StageStatus } from "../../domain/instance/status.ts";
import type { ScheduleName } from "../../domain/run/times.ts";
import { formatDuration } from "../../domain/text/units.ts";
import type { ExplainInput } from "./input.ts";
import { stageOf, type Situation } from "./situation.ts";
import { listed, moment } from "./words.ts";

/** The gate that is not passed, since when, and the surroundings. */
export function gateLines(situation: Situation, { status, now }: ExplainInput): readonly string[] {
  const name = stageOf(situation);
  const stages = status?.run?.stages ?? [];
  const stage = stages.find((each) => each.stage === name);
  if (stage === undefined) return name === undefined ? [] : [`${name} is not passed`];
  const passed = stages.filter((each) => isPassed(each)).map((each) => each.stage);
  const ahead = stages.filter(({ state }) => state === "pending").map((each) => each.stage);
  return [
    `${stage.stage} ${situation.kind === "stopped" ? leftAt(stage, now) : sinceWhen(stage, now)}`,
    [
      ...(passed.length === 0 ? [] : [`passed: ${passed.join(", ")}`]),
      ...(ahead.length === 0 ? [] : [`not reached: ${ahead.join(", ")}`]),
    ].join("; "),
  ].filter((line) => line !== "");
}

function isPassed({ state }: StageStatus): boolean {
  return state === "changed" || state === "unchanged" || state === "replayed";
}

function sinceWhen({ state, startedAt, waitingSince, durationMs }: StageStatus, now: string): string {
  if (state === "waiting" && waitingSince !== undefined) return `waits since ${moment(waitingSince, now)}`;
  if (state === "failed" && startedAt !== undefined && durationMs !== undefined) {
    const failed = new Date(Date.parse(startedAt) + durationMs).toISOString();
    return `is not passed: failed at ${moment(failed, now)}, after ${formatDuration(durationMs)}`;
  }
  // Held with its run, by the failure of another stage or by an operator.
  if (state === "skipped")
    return startedAt === undefined ? "was skipped" : `was stopped; it began at ${moment(startedAt, now)}`;
  return startedAt === undefined ? "is not passed" : `is at work since ${moment(startedAt, now)}`;
}

/** The last stage of a run whose agent is gone. */
function leftAt({ startedAt, text }: StageStatus, now: string): string {
  const begun = startedAt === undefined ? "" : ` at ${moment(startedAt, now)}`;
  return `was begun${begun} and not ended${text === "" ? "" : `; last heard of it: ${text}`}`;
}

/** The results of the balancer's check and of the instance's own check of the same service, if they differ. */
export function checkLines(situation: Situation, { status }: ExplainInput): readonly string[] {
  if (situation.kind !== "held" || situation.error.code !== "balancer-not-healthy") return [];
  const { seen, smokeSeen } = status?.run?.stages.find(({ stage }) => stage === "health")?.facts ?? {};
  if (!Array.isArray(seen)) return [];
  // The smoke checks ask for what users ask for. An older binary left neither them nor the quotation.
  const own = Array.isArray(smokeSeen) ? smokeSeen : seen;
  const { message, quoted = message } = situation.error;
  return [`the balancer: ${quoted}`, ...own.map((line) => `this instance: ${line}`)];
}

/** The last result of each check, while the instance serves or is out for its health. */
export function healthLines({ status, now }: ExplainInput): readonly string[] {
  const { health } = status ?? {};
  if (health === undefined) return [];
  const verdict = `${health.healthy ? "healthy" : "not healthy"} since ${moment(health.since, now)}`;
  return [
    verdict,
    ...health.checks.map((check) => {
      const found = check.ok ? `passes: ${check.seen}` : `fails: expected ${check.expected}, saw ${check.seen}`;
      return `${check.tier} check ${check.name} ${found} (since ${moment(check.since, now)})`;
    }),
  ];
}

/** The next event, and its time. */
export function nextLines(situation: Situation, input: ExplainInput): readonly string[] {
  const { status, agent, now } = input;
  if (situation.kind === "unknown" || status === undefined) return [];
  if (situation.kind === "rebooting") return ["the rest of the run, in the boot that follows"];
  if (agent.kind === "gone") return ["nothing, until the agent runs"];
  if (agent.kind === "silent") return ["nothing is certain, until the agent answers"];
  switch (situation.kind) {
    case "before-run":
      return ["the boot run"];
    case "under-way":
    case "stopped": {
      const ahead = situation.run.stages.filter(({ state }) => state === "pending").map(({ stage }) => stage);
      return [ahead.length === 0 ? "the end of the run" : listed(ahead)];
    }
    case "held":
      if (status.pause !== undefined) return [`no other try before ${moment(status.pause.until, now)}: paused`];
      return [status.nextRetryAt === undefined ? "another try" : `another try at ${moment(status.nextRetryAt, now)}`];
    case "leaving":
      return ["out of service, as soon as open connections and DNS answers have run out"];
    case "out":
      return input.wish?.by === "patch" ? ["the run that patches; it comes back with it"] : scheduled(input);
    case "serving": {
      const { pending } = status;
      const again =
        pending === undefined ? [] : [`what is not as wanted is tried again at ${moment(pending.nextAt, now)}`];
      return [...again, ...scheduled(input)];
    }
  }
}

/** The announced maintenance. */
export function aheadLines({ status, now }: ExplainInput): readonly string[] {
  const { maintenance = [] } = status ?? {};
  return maintenance.map((each) => {
    const until = each.notAfter === undefined ? "" : `, until ${moment(each.notAfter, now)} at the latest`;
    return `${describeMaintenance(each)}; from ${moment(each.notBefore, now)}${until}. It is left for in time, unless the role says leave: { maintenance: ignore }`;
  });
}

/** Why a slot of this instance keeps others in service. */
export function slotLines({ status, now }: ExplainInput): readonly string[] {
  const { slot } = status ?? {};
  if (slot === undefined) return [];
  const held = `holds ${describeSlot(slot)} until ${moment(slot.until, now)}`;
  return status?.state === "held" ? [held, "held instances do not renew theirs: the others wait until then"] : [held];
}

/** The pause, and how to end it. */
export function pauseLines({ status, now }: ExplainInput): readonly string[] {
  const { pause } = status ?? {};
  if (pause === undefined) return [];
  return [
    `until ${moment(pause.until, now)}, by ${pause.by} since ${moment(pause.since, now)}: ${pause.reason}`,
    `nothing is done by schedule, nothing held is tried again, and failing health takes nothing out; ${endOfPause(pause)} ends that`,
  ];
}

function endOfPause({ by }: Pause): string {
  return by.startsWith("tag ") ? `removing the ${by}` : "muster resume";
}

const scheduledWords: Readonly<Record<ScheduleName, string>> = {
  converge: "converges again",
  drift: "looks for drift",
  fetch: "looks for a new commit",
  sweep: "takes away what dead instances left behind",
};

function scheduled({ status, scheduled: times, wish, now }: ExplainInput): readonly string[] {
  const stops = [
    ...(status?.pause === undefined ? [] : [{ until: status.pause.until, why: "paused" }]),
    ...(status?.cordon === undefined ? [] : [{ until: status.cordon.until, why: status.cordon.reason }]),
  ];
  // Both may hold: the schedule goes on after the later one.
  const [last] = stops.toSorted((one, other) => Date.parse(other.until) - Date.parse(one.until));
  if (last !== undefined) return [`nothing by schedule before ${moment(last.until, now)}: ${last.why}`];
  if (times.length === 0) return ["no run is scheduled: the catalogue says no schedule"];
  // A notice or the group took it out: the machine may be gone, and before that nothing is begun.
  const unless = wish?.want === "out" && wish.by === "notice" ? ", unless the machine is taken away" : "";
  return times.map(
    ({ name, expression, at }) => `schedule ${expression}: ${scheduledWords[name]} at ${moment(at, now)}${unless}`,
  );
}

/** The run, the process that makes it, and its times. */
export function runLines({ status, recording, agent, now }: ExplainInput): readonly string[] {
  const run = status?.run;
  if (run === undefined) return [];
  const head = `${run.id} (${describeStart(run.cause, run.startType)}), began ${moment(run.startedAt, now)}`;
  const took = run.durationMs === undefined ? "not over" : `took ${formatDuration(run.durationMs)}`;
  const maker = agent.kind === "command" ? [`made by "${agent.what}" (process ${agent.pid})`] : [];
  return [head, ...maker, `${took}${slowest(recording?.events ?? [])}`];
}

/** Events after the run, such as a drain, have the same stages but do not belong to it. */
function slowest(recorded: readonly RunEvent[]): string {
  const end = recorded.findIndex(({ type }) => type === "run-finished");
  const events = end < 0 ? recorded : recorded.slice(0, end);
  const stage = longest(events.flatMap((event) => (event.type === "stage-finished" ? [event] : [])));
  if (stage === undefined) return "";
  const command = longest(
    events.flatMap((event) => (event.type === "command-finished" && event.stage === stage.stage ? [event] : [])),
  );
  const within = command === undefined ? "" : `, of which ${command.command} ${formatDuration(command.durationMs)}`;
  return `; slowest: ${stage.stage} ${formatDuration(stage.durationMs)}${within}`;
}

function longest<T extends { readonly durationMs: number }>(all: readonly T[]): T | undefined {
  return all.filter(({ durationMs }) => durationMs > 0).toSorted((one, other) => other.durationMs - one.durationMs)[0];
}

const askers: Readonly<Record<WishBy, string>> = {
  run: "a run",
  patch: "the patch window",
  health: "its own checks",
  notice: "a notice of the cloud",
  shutdown: "the shutdown",
  operator: "an operator",
};

/** The wish, its maker, and what is still to be done for it. */
export function wishLines({ wish, status, now }: ExplainInput): readonly string[] {
  if (wish === undefined) return [];
  const asker = askers[wish.by];
  const old = status !== undefined && wish.bootId !== status.bootId ? ", in an earlier boot" : "";
  const wanted = wish.want === "in" ? "wanted in service" : "wanted out of service";
  const places = endpointsOf(wish.places);
  const former = endpointsOf(wish.former);
  const where = wish.want === "in" ? "in" : "belongs in";
  return [
    `${wanted} by ${asker} since ${moment(wish.since, now)}${old}`,
    ...(places.length === 0 ? [] : [`${where}: ${places.join(", ")}`]),
    ...(former.length === 0 ? [] : [`still to be taken away: ${former.join(", ")}`]),
  ];
}

function endpointsOf({ targets, records }: Wish["places"]): readonly string[] {
  return [...targets.map(targetText), ...records.map(recordWords)];
}

function recordWords({ name, type, routing, tag, ...zone }: DnsRecord): string {
  const weight = routing?.policy === "weighted" ? `weight ${routing.weight}` : undefined;
  const more = [weight, tag === undefined ? undefined : `tag ${tag}`].filter((part) => part !== undefined);
  const where = zoneDetails(zone).length === 0 ? "" : ` in ${zoneText(zone)}`;
  return `${name} ${type}${where}${more.length === 0 ? "" : ` (${more.join(", ")})`}`;
}

function targetText({ group, address, port }: Target): string {
  return `${group} (${address}:${port})`;
}
