import { describe, expect, test } from "vitest";
import { bundleCommand } from "../../../src/cli/commands/bundle.ts";
import { cancelCommand } from "../../../src/cli/commands/cancel.ts";
import { checkCommand } from "../../../src/cli/commands/check.ts";
import type { Command } from "../../../src/cli/command.ts";
import { daemonCommand } from "../../../src/cli/commands/daemon.ts";
import { logsCommand } from "../../../src/cli/commands/logs.ts";
import { explainCommand } from "../../../src/cli/commands/explain.ts";
import { drainCommand, joinCommand } from "../../../src/cli/commands/membership.ts";
import { pauseCommand, resumeCommand } from "../../../src/cli/commands/pause.ts";
import { runProgram, type Program } from "../../../src/cli/program.ts";
import { runCommand } from "../../../src/cli/commands/run.ts";
import { runsCommand } from "../../../src/cli/commands/runs.ts";
import { schema } from "../../../src/cli/commands/schema.ts";
import { statusCommand } from "../../../src/cli/commands/status.ts";
import { tagCommand } from "../../../src/cli/commands/tag.ts";
import { timelineCommand } from "../../../src/cli/commands/timeline.ts";
import type { ErrorCode } from "../../../src/domain/errors/error-codes.ts";
import { MusterError } from "../../../src/domain/errors/errors.ts";
import { createFakeIo } from "../../fakes/command-io.ts";

function unexpected(): Promise<never> {
  return Promise.reject(new Error("not stubbed"));
}

function never(): never {
  throw new Error("not stubbed");
}

const all: Readonly<Record<string, Command>> = {
  daemon: daemonCommand({ serve: unexpected, reload: unexpected }),
  run: runCommand({ connect: unexpected }),
  status: statusCommand({ read: unexpected, connect: unexpected, wait: unexpected }),
  explain: explainCommand({ observe: unexpected }),
  timeline: timelineCommand({ recordings: { runs: unexpected, open: never }, now: unexpected, write: unexpected }),
  runs: runsCommand({ list: unexpected }),
  logs: logsCommand({
    recordings: { runs: unexpected, open: never },
    openPrinted: () => ({ read: unexpected, end: () => undefined }),
    recordedBytes: () => 0,
    sleep: unexpected,
    unread: new AbortController().signal,
  }),
  bundle: bundleCommand({
    muster: { version: "0.0.0", commit: "test" },
    status: unexpected,
    observe: unexpected,
    find: unexpected,
    gather: never,
    secrets: unexpected,
    write: unexpected,
  }),
  cancel: cancelCommand({ connect: unexpected, who: "root" }),
  drain: drainCommand({ connect: unexpected, plan: unexpected, who: "root" }),
  join: joinCommand({ connect: unexpected, who: "root" }),
  tag: tagCommand({ connect: unexpected }),
  pause: pauseCommand({ pauses: { begin: unexpected, end: unexpected }, who: "root" }),
  resume: resumeCommand({ pauses: { begin: unexpected, end: unexpected } }),
  check: checkCommand({
    readSettings: unexpected,
    whoElseWrites: () => undefined,
    readText: unexpected,
    kindOf: unexpected,
    orderedAfter: unexpected,
    heldContent: unexpected,
  }),
  schema,
};

function programOf(commands: Readonly<Record<string, Command>>): Program {
  const loaders = Object.entries(commands).map(([name, command]) => [name, async () => command] as const);
  return { version: "muster 0.0.0 (test)", commands: Object.fromEntries(loaders) };
}

async function muster(argv: readonly string[], program = programOf(all)) {
  const io = createFakeIo();
  const status = await runProgram(program, argv, io);
  return { status, stdout: io.stdout(), stderr: io.stderr() };
}

describe("help", () => {
  test("muster", async () => {
    const { status, stdout } = await muster(["--help"]);
    expect(status).toBe(0);
    expect(stdout).toMatchSnapshot();
  });

  test.each(Object.keys(all))("muster %s", async (name) => {
    const { status, stdout, stderr } = await muster([name, "--help"]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatchSnapshot();
    for (const line of stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(110);
  });

  test("without a command it is printed as an error", async () => {
    const { status, stdout, stderr } = await muster([]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("Usage: muster");
  });
});

test("the version", async () => {
  expect(await muster(["--version"])).toEqual({ status: 0, stdout: "muster 0.0.0 (test)\n", stderr: "" });
});

test.each([
  [["statsu"], "error: unknown command 'statsu'\n(Did you mean status?)\n"],
  [["status", "--jsno"], "error: unknown option '--jsno'\n(Did you mean --json?)\n"],
  [["status", "web"], "error: too many arguments for 'status'. Expected 0 arguments but got 1: web.\n"],
  [["run", "--ref"], "error: option '--ref <ref>' argument missing\n"],
  [
    ["run", "pach"],
    'muster: There is no stage "pach"; did you mean "patch"?\n' +
      "  Stages are: clock identity config index patch preflight converge health register dns tags\n" +
      "  (usage-unknown-stage)\n",
  ],
  [
    ["run", "--lock-wait", "soon"],
    'muster: --lock-wait takes a duration, not "soon"\n' +
      "  Write it like 30s, 5m or 1h; 0 does not wait at all.\n  (usage-duration)\n",
  ],
  [
    ["run", "--role", "web server"],
    'muster: --role "web server" cannot be a role: expected letters, digits, dots, dashes and underscores, at most 63\n' +
      "  Give --role another value.\n  (usage-invalid-selection)\n",
  ],
  [["schema", "fstab"], expect.stringContaining('There is no schema of "fstab"') as string],
])("%j is usage: exit 2, and one clear line", async (argv, stderr) => {
  const answered = await muster(argv);
  expect(answered).toMatchObject({ status: 2, stdout: "" });
  expect(answered.stderr).toEqual(stderr);
});

test("only the command that is asked for is loaded", async () => {
  const loaded: string[] = [];
  const commands = Object.fromEntries(
    Object.entries(all).map(([name, command]) => [
      name,
      async () => {
        loaded.push(name);
        return command;
      },
    ]),
  );
  await muster(["schema", "settings"], { version: "", commands });
  expect(loaded).toEqual(["schema"]);
});

test.each<[ErrorCode, number]>([
  ["lock-held", 75],
  ["settings-invalid", 2],
  ["settings-missing", 2],
  ["instance-file-invalid", 2],
  ["daemon-lost", 1],
  ["state-write-failed", 1],
])("%s is exit %i", async (code, status) => {
  const error = new MusterError({ code, message: "It is so", hint: "Do this." });
  const daemon = daemonCommand({ reload: unexpected, serve: () => Promise.reject(error) });
  const answered = await muster(["daemon"], programOf({ daemon }));
  expect(answered).toEqual({ status, stdout: "", stderr: `muster: It is so\n  Do this.\n  (${code})\n` });
});

test("a bug says that it is one", async () => {
  const daemon = daemonCommand({
    reload: unexpected,
    serve: () => Promise.reject(new TypeError("x is not a function")),
  });
  const { status, stderr } = await muster(["daemon"], programOf({ daemon }));
  expect(status).toBe(1);
  expect(stderr).toContain("TypeError: x is not a function");
  expect(stderr).toContain("bug in muster");
});

test("Ctrl-C is no bug and no error", async () => {
  const io = createFakeIo();
  const daemon = daemonCommand({
    reload: unexpected,
    async serve(signal) {
      io.interrupt();
      signal.throwIfAborted();
    },
  });
  expect(await runProgram(programOf({ daemon }), ["daemon"], io)).toBe(130);
  expect(io.stderr()).toBe("");
});

test("what an error quotes cannot steer the terminal", async () => {
  const message = "settings.yaml:1:1: found \u001b[2J\u0007\nsettings.yaml:2:1: found x";
  const daemon = daemonCommand({
    reload: unexpected,
    serve: () => Promise.reject(new MusterError({ code: "settings-invalid", message, hint: "" })),
  });
  const { stderr } = await muster(["daemon"], programOf({ daemon }));
  expect(stderr).toBe("muster: settings.yaml:1:1: found  [2J\nsettings.yaml:2:1: found x\n  (settings-invalid)\n");
});
