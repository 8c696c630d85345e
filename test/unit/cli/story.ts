// What machines record of runs, for those who tell it: each function gives a part of a run.
import type { EventBody, RunEvent } from "../../../src/domain/run/events.ts";
import { unitLogFile } from "../../../src/domain/settings/paths.ts";
import type { StageName } from "../../../src/domain/run/run.ts";

type Bodies = readonly EventBody[];

/** The events of a run, a second apart, from half a minute before midnight. */
export function eventsOf(run: string, ...parts: readonly Bodies[]): readonly RunEvent[] {
  const begin: Bodies = [
    { type: "run-started", cause: "boot", startType: "first-boot", dryRun: false, resumed: false },
    { type: "stage-started", stage: "config" },
    { type: "command-started", stage: "config", id: 90, command: "git fetch" },
    {
      type: "command-finished",
      stage: "config",
      id: 90,
      command: "git fetch",
      durationMs: 400,
      ended: "exited",
      code: 0,
    },
    {
      type: "cloud-call",
      stage: "config",
      operation: "ec2:DescribeTags",
      durationMs: 31,
      attempts: 1,
      requestId: "r1",
    },
    finished("config", "role web at 0123456789ab (main)", 1200),
    { type: "notice", level: "warning", code: "tag-refused", text: "Tag muster:url steers nothing" },
  ];
  const start = Date.parse("2026-01-01T23:59:45Z");
  return [begin, ...parts]
    .flat()
    .map((body, index) => ({ ...body, run, at: new Date(start + index * 1000).toISOString() }));
}

function finished(stage: StageName, summary: string, durationMs: number): EventBody {
  return { type: "stage-finished", stage, outcome: "changed", durationMs, summary, facts: {} };
}

const error = {
  code: "converge-resources-failed",
  message: "2 of 41 resources failed: Package[nginx], Service[nginx]",
  hint: "Read what Puppet printed: muster logs --stage converge.",
};

const failed: Bodies = [
  { type: "stage-finished", stage: "converge", outcome: "failed", durationMs: 9000, summary: "", facts: {}, error },
  { type: "run-finished", end: { kind: "held", stage: "converge", error }, durationMs: 12_000 },
  { type: "state-changed", state: "held", reason: `converge: ${error.message}` },
];

/** An upgrade, as unit. */
export function aptUpgrade(code: number): Bodies {
  const command = { stage: "patch", id: 91, command: "apt-get upgrade" } as const;
  return [
    { type: "stage-started", stage: "patch" },
    {
      type: "command-started",
      ...command,
      unit: { name: "muster-0001-abcd-upgrade", logFile: aptUpgrade.file, from: 0 },
    },
    { type: "command-finished", ...command, durationMs: 8000, ended: "exited", code },
    finished("patch", "3 packages changed", 8100),
  ];
}
aptUpgrade.file = unitLogFile("muster-0001-abcd-upgrade");

/** Puppet, as unit; from 4 on resources failed. */
export function puppet(code: number): Bodies {
  return [
    ...puppetBegins(0),
    puppetEnds(code),
    ...(code < 4 ? [finished("converge", "3 of 41 changed", 9000)] : failed),
  ];
}
puppet.file = unitLogFile("muster-0001-abcd-converge-1");

const puppetApply = { stage: "converge", id: 1, command: "puppet apply" } as const;

function puppetBegins(from: number): Bodies {
  return [
    { type: "stage-started", stage: "converge" },
    { type: "stage-progress", stage: "converge", text: "puppet apply manifests/site.pp", waiting: false },
    {
      type: "command-started",
      ...puppetApply,
      unit: { name: "muster-0001-abcd-converge-1", logFile: puppet.file, from },
    },
  ];
}

function puppetEnds(code: number): EventBody {
  return { type: "command-finished", ...puppetApply, durationMs: 9000, ended: "exited", code };
}

export const converge = {
  /** The agent dies while Puppet runs. */
  killed: puppetBegins(0),
  /** The next one takes the run up; ids of its commands begin anew. @param from where Puppet's log ended by then */
  resumed: (from: number): Bodies => [
    { type: "run-started", cause: "boot", startType: "crash-restart", dryRun: false, resumed: true },
    ...puppetBegins(from),
    puppetEnds(2),
    finished("converge", "3 of 41 changed", 9000),
    { type: "run-finished", end: { kind: "in-service", changed: true }, durationMs: 10_000 },
  ],
} as const;
