// Recordings as they are written, made by hand: what happened, and when.
import type { EventBody, RunEvent } from "../../../../src/domain/run/events.ts";
import type { Recording } from "../../../../src/domain/run/recording.ts";
import { timelineOf } from "./whole.ts";
import type { Now, Timeline } from "../../../../src/views/timeline/timeline.ts";

export const run = "0003-9c1e";

/** The machine had been up for so long when the run of a tape began, in milliseconds. */
export const bootedBefore = 60_000;

const begin = Date.parse("2026-11-21T04:00:00.000Z");

/** Events with the times at which they were, in milliseconds since the run began, in one boot. */
export function tape(...entries: readonly (readonly [ms: number, event: EventBody])[]): Recording {
  return recordingOf(entries.map(([ms, event]) => stamped(event, ms)));
}

export function stamped(event: EventBody, ms: number, upMs = bootedBefore + ms): RunEvent {
  return { ...event, at: new Date(begin + ms).toISOString(), upMs, run };
}

export function recordingOf(events: readonly RunEvent[], unreadable = 0): Recording {
  return { run, events, unreadable };
}

export function read(recording: Recording, now?: Now): Timeline {
  const timeline = timelineOf(recording, now);
  if (timeline === undefined) throw new Error("nothing is recorded");
  return timeline;
}

export const started = (over: object = {}): EventBody => ({
  type: "run-started",
  cause: "boot",
  startType: "first-boot",
  dryRun: false,
  resumed: false,
  boot: "boot-1",
  ...over,
});

export const begins = (stage: "clock" | "config" | "index" | "converge" | "health" | "register"): EventBody => ({
  type: "stage-started",
  stage,
});

export const ends = (stage: Parameters<typeof begins>[0], over: object = {}): EventBody => ({
  type: "stage-finished",
  stage,
  outcome: "changed",
  durationMs: 1,
  summary: `${stage} is done`,
  facts: {},
  ...over,
});

export const calls = (stage: Parameters<typeof begins>[0], id: number, command: string): EventBody => ({
  type: "command-started",
  stage,
  id,
  command,
});

export const returns = (stage: Parameters<typeof begins>[0], id: number, code = 0): EventBody => ({
  type: "command-finished",
  stage,
  id,
  command: "",
  durationMs: 1,
  ended: "exited",
  code,
});

export const waits = (stage: Parameters<typeof begins>[0], text: string, waiting = true): EventBody => ({
  type: "stage-progress",
  stage,
  text,
  waiting,
});

export const cloud = (stage: Parameters<typeof begins>[0], operation: string, durationMs: number): EventBody => ({
  type: "cloud-call",
  stage,
  operation,
  durationMs,
  attempts: 1,
});

export const finished = (kind: "in-service" | "held" = "in-service"): EventBody => ({
  type: "run-finished",
  durationMs: 1,
  end:
    kind === "in-service"
      ? { kind, changed: true }
      : { kind, stage: "health", error: { code: "health-failed", message: "it is sick", hint: "Look." } },
});

/** A first boot: config beside the index, a wait for the balancer, and a bit of everything. */
export const firstBoot = tape(
  [0, started()],
  [5, begins("clock")],
  [20, ends("clock", { outcome: "unchanged" })],
  [20, { type: "run-facts", facts: { role: "web", environment: "dev", ref: "main" } }],
  [25, begins("config")],
  [26, begins("index")],
  [30, calls("config", 1, "git fetch")],
  [40, calls("index", 2, "apt-get update")],
  [330, returns("config", 1)],
  [331, calls("config", 3, "git log")],
  [332, calls("config", 4, "git ls-tree")],
  [336, returns("config", 3)],
  [338, returns("config", 4)],
  [350, ends("config", { summary: 'main at 993e40fd0184 "<script>&amp;"' })],
  [350, { type: "run-facts", facts: { commit: "993e40fd01845019f85832ef22026d7962e6fec4" } }],
  [1040, returns("index", 2)],
  [1042, ends("index", { outcome: "unchanged" })],
  [1050, begins("converge")],
  [1060, calls("converge", 5, "puppet apply")],
  [6060, returns("converge", 5, 2)],
  [6070, ends("converge")],
  [6080, begins("health")],
  [6085, waits("health", "nginx.service is activating")],
  [6285, waits("health", "all 2 checks passed", false)],
  [6290, ends("health", { outcome: "unchanged" })],
  [6300, begins("register")],
  [6500, cloud("register", "elbv2:RegisterTargets", 150)],
  [6510, waits("register", "initial (Elb.RegistrationInProgress)")],
  [7010, cloud("register", "elbv2:DescribeTargetHealth", 50)],
  [8010, cloud("register", "elbv2:DescribeTargetHealth", 50)],
  [8020, ends("register")],
  [8100, finished()],
);
