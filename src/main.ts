// What starts: reads the environment, loads the one command that is asked for, and is the only place that
// ends the process. Which adapters a command gets is decided in src/app.
import { basename } from "node:path";
import { isatty, type WriteStream } from "node:tty";
import { interrupted, type Command, type CommandIo } from "./cli/command.ts";
import type { RsTagDeps } from "./cli/rs-tag.ts";
import type { PauseDeps } from "./cli/pause.ts";
import { printError } from "./cli/print-error.ts";
import { runProgram, type Program } from "./cli/program.ts";
import type { TagDeps } from "./cli/tag.ts";
import { abilitiesOf, asciiOnly } from "./cli/terminal.ts";
import type { LeavePlan, LeaveReason } from "./domain/leave-plan.ts";
import { buildInfo } from "./domain/build-info.ts";
import { isHeeded } from "./domain/environment.ts";
import { MusterError } from "./domain/errors.ts";
import type { Agent } from "./ports/agent.ts";
import type { StatusReport } from "./domain/status.ts";
import { detached } from "./ports/unit-runner.ts";
import type { ExplainInput } from "./views/explain/input.ts";

/** Loaded one by one: `muster status` pays for nothing else. */
const commands: Program["commands"] = {
  daemon: async () => (await import("./cli/daemon.ts")).daemonCommand({ serve }),
  run: async () => (await import("./cli/run.ts")).runCommand({ connect }),
  status: async () => (await import("./cli/status.ts")).statusCommand({ read: readStatus, connect: reachDaemon, wait }),
  explain: async () => (await import("./cli/explain.ts")).explainCommand({ look }),
  logs: loadLogs,
  runs: async () => (await import("./cli/runs.ts")).runsCommand({ list: (await import("./app/records.ts")).listRuns }),
  timeline: loadTimeline,
  bundle: async () => (await import("./cli/bundle.ts")).bundleCommand((await import("./app/evidence.ts")).bundleDeps()),
  drain: async () => (await import("./cli/membership.ts")).drainCommand({ connect, plan: planLeave }),
  join: async () => (await import("./cli/membership.ts")).joinCommand({ connect }),
  tag: async () => (await import("./cli/tag.ts")).tagCommand({ connect: connectTags }),
  pause: async () => (await import("./cli/pause.ts")).pauseCommand(await loadPauses()),
  resume: async () => (await import("./cli/pause.ts")).resumeCommand(await loadPauses()),
  check: loadCheck,
  schema: async () => (await import("./cli/schema.ts")).schema,
};

async function loadLogs(): Promise<Command> {
  const [{ logsCommand }, { logsDeps }] = await Promise.all([import("./cli/logs.ts"), import("./app/records.ts")]);
  const unread = new AbortController();
  process.stdout.on("error", () => unread.abort());
  return logsCommand(logsDeps(unread.signal));
}

async function loadTimeline(): Promise<Command> {
  const [{ timelineCommand }, { timelineDeps }] = await Promise.all([
    import("./cli/timeline.ts"),
    import("./app/records.ts"),
  ]);
  return timelineCommand(timelineDeps());
}

async function loadCheck(): Promise<Command> {
  const [{ checkCommand }, files, { whoElseWrites }, { orderedAfter }, { heldContent }] = await Promise.all([
    import("./cli/check.ts"),
    import("./adapters/host/settings-files.ts"),
    import("./adapters/host/guarded-file.ts"),
    import("./adapters/systemd/ordered-after.ts"),
    import("./adapters/git/checkout.ts"),
  ]);
  const { readSettingsFiles, readTextFile, kindOf } = files;
  return checkCommand({
    // All that is wrong is told at once, and not the first file that others may change.
    readSettings: (file, directory) => readSettingsFiles(file, directory, () => undefined),
    whoElseWrites,
    readText: readTextFile,
    kindOf,
    orderedAfter,
    heldContent,
  });
}

async function connectTags(tell: (words: string) => void = () => undefined): ReturnType<TagDeps["connect"]> {
  return (await import("./app/tags.ts")).connectTags(process.env, tell);
}

async function loadPauses(): Promise<PauseDeps> {
  return (await import("./app/pauses.ts")).pauseDeps(process.env);
}

async function serve(signal: AbortSignal): Promise<void> {
  await (await import("./app/daemon.ts")).serve(signal);
}

async function connect(): Promise<Agent> {
  return (await import("./app/connect.ts")).connect();
}

async function reachDaemon(): Promise<Agent> {
  return (await import("./app/connect.ts")).reachDaemon(ended.signal);
}

async function wait(agent: Agent, io: CommandIo, verbose: boolean): Promise<StatusReport | undefined> {
  const [{ waitForEnd }, { startedByCloudInit }] = await Promise.all([
    import("./cli/wait.ts"),
    import("./adapters/host/cloud-init-ancestor.ts"),
  ]);
  return waitForEnd(agent, io, verbose, startedByCloudInit);
}

async function planLeave(as: LeaveReason, signal: AbortSignal): Promise<LeavePlan> {
  return (await import("./app/leave-plan.ts")).lookAtLeaving(as, process.env, signal);
}

async function readStatus(): Promise<StatusReport> {
  return (await import("./app/look.ts")).readStatus(new Date().toISOString());
}

async function look(now: string): Promise<ExplainInput> {
  return (await import("./app/look.ts")).lookAround(now);
}

const ended = new AbortController();

/**
 * A daemon that is told to end leaves its work behind; a command that is interrupted cancels its own, and whoever
 * does not want to wait for that presses Ctrl-C again.
 */
function listenForEnd(argv: readonly string[]): void {
  const isDaemon = argv[0] === "daemon";
  const reason = isDaemon ? detached : new Error("cancelled");
  process.on("SIGTERM", () => ended.abort(reason));
  process.on("SIGINT", () => {
    if (ended.signal.aborted && !isDaemon) process.exit(interrupted);
    ended.abort(reason);
  });
}

function terminal(): CommandIo {
  const { stdout, stderr } = process;
  const abilities = abilitiesOf(process.env, isatty(stdout.fd));
  const io: CommandIo = {
    ...abilities,
    out: writerTo(stdout, abilities.unicode),
    err: writerTo(stderr, abilities.unicode),
    get columns() {
      return columnsOf(stdout);
    },
    get errColumns() {
      return columnsOf(stderr);
    },
    now: () => new Date().toISOString(),
    monotonicMs: () => performance.now(),
    repeat(everyMs, work) {
      const timer = setInterval(work, everyMs);
      return () => clearInterval(timer);
    },
    beforeSuspend,
    signal: ended.signal,
  };
  stdout.on("error", (error: NodeJS.ErrnoException) => sayUnwritten(error, io));
  return io;
}

let unwritten = false;

/** A full disk is no reason to stop working, but whoever reads the exit status has to know that something is missing. */
function sayUnwritten(error: NodeJS.ErrnoException, io: CommandIo): void {
  const readerGone = process.stdout.isTTY || error.code === "EPIPE" || error.code === "ECONNRESET";
  if (readerGone || unwritten || argv[0] === "daemon") return;
  unwritten = true;
  const hint = "Make room where standard output goes, or send it elsewhere. What was asked for was done all the same.";
  printError(
    new MusterError({
      code: "output-failed",
      message: `Cannot write the output: ${error.message}`,
      hint,
      cause: error,
    }),
    io,
  );
  if (process.exitCode === 0) process.exitCode = 1;
}

function writerTo(stream: WriteStream, unicode: boolean): (text: string) => void {
  // Whoever reads has gone: nothing more to say, and no reason to stop working.
  stream.on("error", () => undefined);
  return (text) => void stream.write(stream.isTTY && !unicode ? asciiOnly(text) : text);
}

function columnsOf(stream: WriteStream): number {
  if (!stream.isTTY) return Infinity;
  // A terminal that was never told its own size says 0.
  return stream.columns || 80;
}

/** Stops by the signal's own doing: where nobody could wake us up again, the kernel knows and does nothing. */
function beforeSuspend(work: () => void): () => void {
  function suspend(): void {
    work();
    process.off("SIGTSTP", suspend);
    process.kill(process.pid, "SIGTSTP");
    process.on("SIGTSTP", suspend);
  }
  process.on("SIGTSTP", suspend);
  return () => void process.off("SIGTSTP", suspend);
}

async function rsTag(): Promise<number> {
  const { runRsTag } = await import("./cli/rs-tag.ts");
  const deps: RsTagDeps = {
    connect: connectTags,
    within: (ms) => AbortSignal.any([ended.signal, AbortSignal.timeout(ms)]),
    version,
  };
  return runRsTag(argv, deps, terminal());
}

for (const name of Object.keys(process.env)) if (!isHeeded(name)) delete process.env[name];
const argv = process.argv.slice(2);
listenForEnd(argv);
const version = `muster ${buildInfo.version} (${buildInfo.commit})`;
// Under its other name the same binary is another program.
const status =
  basename(process.argv0) === "rs_tag" ? await rsTag() : await runProgram({ version, commands }, argv, terminal());
process.exitCode = status === 0 && unwritten ? 1 : status;
