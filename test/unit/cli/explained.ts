import { expect } from "vitest";
import { explainCommand } from "../../../src/cli/commands/explain.ts";
import { runProgram } from "../../../src/cli/program.ts";
import { MusterError, reportOf } from "../../../src/domain/errors/errors.ts";
import { InvalidFileError } from "../../../src/domain/settings/problem.ts";
import type { Recording } from "../../../src/domain/run/recording.ts";
import type { StatusReport } from "../../../src/domain/instance/status.ts";
import { initialStatus, reduceStatus } from "../../../src/run/state/status.ts";
import { explainInput, type ExplainPorts } from "../../../src/queries/explain.ts";
import { knownSettings } from "../../../src/settings/known-values.ts";
import type { ExplainInput, SettingsObservation } from "../../../src/views/explain/input.ts";
import { createFakeIo, type FakeIo } from "../../fakes/command-io.ts";
import { createFakeScheduler } from "../../fakes/scheduler.ts";
import { createFakeStateFiles } from "../../fakes/state-files.ts";
import { answering, viewOf } from "../queries/view.ts";
import { catalogue, type Process, type World } from "../run/world.ts";

export const settingsText = `cloud: local
config:
  url: https://git/config.git
  deadline: 1m
`;

export function settingsObserved(text = settingsText): SettingsObservation {
  try {
    return { kind: "read", values: knownSettings([{ file: "/etc/muster/muster.yaml", text }]) };
  } catch (error) {
    if (!(error instanceof InvalidFileError)) throw error;
    return { kind: "broken", error: reportOf(error), problems: error.problems };
  }
}

/** As they are on disk, and those in force. */
export function editedSettings(): SettingsObservation {
  const onDisk = settingsObserved(`${settingsText}retry: { held: { first: 5s } }\n`);
  const before = settingsObserved("cloud: local\nconfig:\n  url: https://git/old.git\n  refs: [main]\n");
  if (onDisk.kind !== "read" || before.kind !== "read") throw new Error("they are valid");
  return { ...onDisk, inForce: { readAt: "2026-01-01T00:00:00.000Z", values: before.values } };
}

/** What `muster explain` finds on a machine of the fakes, now. */
export async function observeFrom(world: World, muster: Process): Promise<ExplainInput> {
  const status = muster.status.current();
  const { run, events } = recordingOf(muster, status);
  const recorded = events.map((event) => `${JSON.stringify(event)}\n`).join("");
  const files = createFakeStateFiles({
    ...Object.fromEntries(world.files.texts),
    [`runs/${run}/events.jsonl`]: recorded,
  });
  const now = world.clock.now();
  const ports: ExplainPorts = {
    ...viewOf({ daemon: answering(status), files }),
    scheduler: createFakeScheduler(),
    readSettings: async () => [{ file: "/etc/muster/muster.yaml", text: settingsText }],
    inForce: () => Promise.reject(new Error("an older daemon")),
    readCatalogue: async () => catalogue()["muster.yaml"],
  };
  const input = await explainInput(ports, now.toISOString());
  // Without the share of the splay, so that the page has round times.
  return { ...input, scheduled: input.scheduled.map((each) => ({ ...each, at: nextHalfHour(now) })) };
}

/** The same machine at an earlier moment: after the last event that `until` finds. */
export function atMoment(
  input: ExplainInput,
  muster: Process,
  until: (event: Process["events"][number]) => boolean,
): ExplainInput {
  const last = muster.events.findLastIndex(until);
  expect(last, "there is such an event").toBeGreaterThanOrEqual(0);
  const events = muster.events.slice(0, last + 1);
  const first = events[0]?.at ?? input.now;
  const status = events.reduce(reduceStatus, initialStatus(input.status?.bootId ?? "boot-1", first));
  const { wish: _wish, applied: _applied, ...rest } = input;
  const recording = { run: status.run?.id ?? "", events, unreadable: 0 };
  return {
    ...rest,
    scheduled: [],
    status,
    recording,
    now: new Date(Date.parse(events.at(-1)?.at ?? first) + 5000).toISOString(),
  };
}

export async function explained(input: ExplainInput, argv: readonly string[] = [], io: FakeIo = terminal()) {
  const command = explainCommand({ observe: async () => input });
  const code = await runProgram({ version: "", commands: { explain: async () => command } }, ["explain", ...argv], io);
  return { code, stdout: io.stdout(), stderr: io.stderr() };
}

/** 80 columns without colour. */
export function terminal(): FakeIo {
  return createFakeIo({ isTty: true });
}

export function notReadable(): ExplainInput {
  const error = new MusterError({
    code: "state-read-failed",
    message: "Cannot read /var/lib/muster/status.json: permission denied",
    hint: "",
  });
  return {
    now: "2026-01-01T00:00:00.000Z",
    status: undefined,
    agent: { kind: "unasked" },
    settings: settingsObserved(),
    role: [],
    scheduled: [],
    unread: ["You may not ask this of the daemon on /run/muster/control.sock: connect EACCES", error.message],
  };
}

function recordingOf(muster: Process, { run }: StatusReport): Recording {
  const id = run?.id ?? "";
  return { run: id, events: muster.events.filter((event) => event.run === id), unreadable: 0 };
}

function nextHalfHour(now: Date): string {
  const half = 30 * 60_000;
  return new Date(Math.ceil((now.getTime() + 1) / half) * half).toISOString();
}

/** What the watch tells of an instance, one of whose two checks fails. */
export function fallUnhealthy({ bus }: Pick<Process, "bus">): void {
  const since = "2026-01-01T00:00:00.000Z";
  const found = { expected: 'status 200 and "welcome" in the body', seen: "status 500" };
  const checks = [
    { tier: "service", name: "unit nginx.service", since, ok: true as const, seen: "active (running)" },
    { tier: "smoke", name: "http http://127.0.0.1/", since, ok: false as const, ...found },
  ] as const;
  bus.emit({ type: "health-changed", health: { healthy: false, since, checks } });
}
