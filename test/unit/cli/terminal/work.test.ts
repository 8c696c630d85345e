import { expect, test } from "vitest";
import type { Command } from "../../../../src/cli/command.ts";
import { cancelCommand } from "../../../../src/cli/commands/cancel.ts";
import { drainCommand, joinCommand } from "../../../../src/cli/commands/membership.ts";
import { runProgram } from "../../../../src/cli/program.ts";
import { runCommand } from "../../../../src/cli/commands/run.ts";
import { MusterError } from "../../../../src/domain/errors/errors.ts";
import type { RunEnd } from "../../../../src/domain/run/run.ts";
import type { Agent } from "../../../../src/ports/agent.ts";
import { createFakeAgent } from "../../../fakes/agent.ts";
import { createFakeIo } from "../../../fakes/command-io.ts";

const error = { code: "health-failed", message: "1 of 2 checks did not pass", hint: "Look at the service." };
const at = "2026-01-01T00:00:00.000Z";

async function muster(argv: readonly string[], parts: Partial<Agent>, io = createFakeIo()) {
  const connect = async () => createFakeAgent(parts);
  const commands: Readonly<Record<string, () => Promise<Command>>> = {
    run: async () => runCommand({ connect }),
    drain: async () => drainCommand({ connect, plan: () => Promise.reject(new Error("not stubbed")), who: "jane" }),
    join: async () => joinCommand({ connect, who: "jane" }),
    cancel: async () => cancelCommand({ connect, who: "jane" }),
  };
  const code = await runProgram({ version: "", commands }, argv, io);
  return { code, stdout: io.stdout(), stderr: io.stderr() };
}

const ends: readonly (readonly [RunEnd, number, string])[] = [
  [{ kind: "in-service", changed: true }, 0, "in service\n"],
  [{ kind: "in-service", changed: false }, 0, "in service, nothing had to be changed\n"],
  [{ kind: "done", changed: true, note: "drained by an operator" }, 0, "done: drained by an operator\n"],
  [
    { kind: "failed", stage: "health", error },
    1,
    "failed at health: 1 of 2 checks did not pass\n  Look at the service.\n  (health-failed)\n",
  ],
  [
    { kind: "held", stage: "health", error },
    3,
    "held (out of service) at health: 1 of 2 checks did not pass\n  Look at the service.\n  (health-failed)\n",
  ],
];

test.each(ends)("%j", async (end, code, stdout) => {
  expect(await muster(["run"], { run: async () => end })).toEqual({ code, stdout, stderr: "" });
});

test("run asks for what it was told to", async () => {
  const asked: unknown[] = [];
  const run: Agent["run"] = async (request, waitMs) => {
    asked.push(request, waitMs);
    return { kind: "done", changed: false };
  };
  await muster(["run", "patch", "converge", "--ref", "release/1", "--role", "web", "--lock-wait", "0", "-n"], { run });
  await muster(["run"], { run });
  expect(asked).toEqual([
    { cause: "manual", dryRun: true, stages: ["patch", "converge"], ref: "release/1", role: "web" },
    0,
    { cause: "manual", dryRun: false },
    600_000,
  ]);
});

test("drain and join ask for membership; a reason is one line of bounded length", async () => {
  const asked: unknown[] = [];
  const membership: Agent["membership"] = async (request) => {
    asked.push(request);
    return { kind: "done", changed: true };
  };
  await muster(["drain"], { membership });
  await muster(["drain", "--shutdown"], { membership });
  await muster(["drain", "--reason", `disk\n\u001b[2J ${"x".repeat(5000)}`], { membership });
  await muster(["join"], { membership });
  expect(asked).toEqual([
    { want: "out", by: "operator", reason: "drained by jane" },
    { want: "out", by: "shutdown", reason: "the machine goes down" },
    { want: "out", by: "operator", reason: `drained by jane: disk [2J ${"x".repeat(190)}…` },
    { want: "in", by: "operator", reason: "joined by jane" },
  ]);
});

test("cancel says who asks; a run that was cancelled, and none, are its success", async () => {
  const asked: string[] = [];
  const ending = (end: RunEnd): Partial<Agent> => ({
    cancel: async (by) => {
      asked.push(by);
      return end;
    },
  });
  const byJane = { code: "run-cancelled", message: "The run was cancelled by jane", hint: "Make it again." };
  const failed = await muster(["cancel"], ending({ kind: "failed", stage: "converge", error: byJane }));
  expect(failed).toMatchObject({ code: 0, stdout: expect.stringContaining("cancelled by jane") as string });
  const none = await muster(["cancel"], ending({ kind: "done", changed: false, note: "no run is under way" }));
  expect(none).toEqual({ code: 0, stdout: "done: no run is under way\n", stderr: "" });
  expect((await muster(["cancel"], ending({ kind: "in-service", changed: true }))).code).toBe(1);
  expect(asked).toEqual(["jane", "jane", "jane"]);
});

test("--json prints every event and the end, a line each", async () => {
  const run: Agent["run"] = async (_request, _waitMs, onEvent) => {
    onEvent({ type: "stage-started", stage: "patch", at, run: "0001-abcd" });
    return { kind: "held", stage: "health", error };
  };
  const { code, stdout } = await muster(["run", "--json"], { run });
  expect(code).toBe(3);
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
  expect(lines).toEqual([
    { type: "stage-started", stage: "patch", at, run: "0001-abcd" },
    { type: "end", end: { kind: "held", stage: "health", error } },
  ]);
});

test("a lock that is held past the wait is exit 75 and says who holds it", async () => {
  const details = {
    code: "lock-held",
    message: 'The daemon is at work: "the boot run"',
    hint: "Wait for it.",
    transient: true,
  } as const;
  const { code, stderr } = await muster(["run"], { run: () => Promise.reject(new MusterError(details)) });
  expect(code).toBe(75);
  expect(stderr).toContain('"the boot run"');
});

test.each(["run", "run --json"])(
  "a run that Ctrl-C cancelled in this process has the status of Ctrl-C: %s",
  async (words) => {
    const io = createFakeIo();
    const cancelled = {
      code: "run-cancelled",
      message: "The run was cancelled",
      hint: "Run it again.",
      transient: false,
    };
    const run: Agent["run"] = () => {
      io.interrupt();
      return Promise.resolve({ kind: "failed", stage: "health", error: cancelled } as const);
    };
    expect(await muster(words.split(" "), { run }, io)).toMatchObject({ code: 130 });
  },
);

test("Ctrl-C says that the daemon's work goes on, and is no bug", async () => {
  const io = createFakeIo();
  const run: Agent["run"] = (_request, _waitMs, _onEvent, signal) => {
    io.interrupt();
    return Promise.reject(signal.reason as Error);
  };
  expect(await muster(["run"], { run }, io)).toEqual({
    code: 130,
    stdout: "",
    stderr: "muster: interrupted; where a daemon lives its work goes on: muster status --wait\n",
  });
});
