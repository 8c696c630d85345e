// What starts: reads the environment, loads the one command that is asked for, and is the only place that
// ends the process. Which adapters a command gets is decided in compose.ts.
import { createClock } from "./adapters/host/clock.ts";
import { createHost } from "./adapters/host/host.ts";
import { createStateFiles } from "./adapters/host/state-files.ts";
import type { Command, CommandIo } from "./cli/command.ts";
import { runProgram, type Program } from "./cli/program.ts";
import { buildInfo } from "./domain/build-info.ts";
import { stateDirectory } from "./domain/paths.ts";
import type { Agent } from "./ports/agent.ts";
import type { StatusReport } from "./domain/status.ts";
import { detached } from "./ports/unit-runner.ts";

/** Loaded one by one: `muster status` pays for nothing else. */
const commands: Program["commands"] = {
  daemon: async () => (await import("./cli/daemon.ts")).daemonCommand({ serve }),
  run: async () => (await import("./cli/run.ts")).runCommand({ connect }),
  status: async () => (await import("./cli/status.ts")).statusCommand({ read: readStatus, connect: reachDaemon, wait }),
  drain: async () => (await import("./cli/membership.ts")).drainCommand({ connect }),
  join: async () => (await import("./cli/membership.ts")).joinCommand({ connect }),
  check: loadCheck,
  schema: async () => (await import("./cli/schema.ts")).schema,
};

async function loadCheck(): Promise<Command> {
  const [{ checkCommand }, { readSettingsFiles, readTextFile, kindOf }, { orderedAfter }] = await Promise.all([
    import("./cli/check.ts"),
    import("./adapters/host/settings-files.ts"),
    import("./adapters/systemd/ordered-after.ts"),
  ]);
  return checkCommand({ readSettings: readSettingsFiles, readText: readTextFile, kindOf, orderedAfter });
}

async function serve(signal: AbortSignal): Promise<void> {
  await (await import("./compose.ts")).serve(signal);
}

async function connect(): Promise<Agent> {
  return (await import("./compose.ts")).connect();
}

async function reachDaemon(): Promise<Agent> {
  return (await import("./compose.ts")).reachDaemon(ended.signal);
}

async function wait(agent: Agent, io: CommandIo, verbose: boolean): Promise<StatusReport | undefined> {
  return (await import("./cli/wait.ts")).waitForEnd(agent, io, verbose);
}

async function readStatus(): Promise<StatusReport> {
  const { statusAt } = await import("./run/status-file.ts");
  return statusAt(createStateFiles(stateDirectory), await createHost().bootId(), createClock().now());
}

const ended = new AbortController();

/** A daemon that is told to end leaves its work behind; a command that is interrupted cancels its own. */
function listenForEnd(argv: readonly string[]): void {
  const reason = argv[0] === "daemon" ? detached : new Error("cancelled");
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => ended.abort(reason));
}

function terminal(): CommandIo {
  const { stdout, stderr, env } = process;
  // Whoever reads has gone: nothing more to say, and no reason to stop working.
  for (const stream of [stdout, stderr]) stream.on("error", () => undefined);
  const isTty = stdout.isTTY && env["TERM"] !== "dumb";
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    isTty,
    // A pipe has no width, and a terminal that was never told its own says 0.
    columns: Math.max(0, stdout.columns ?? 0) || 80,
    color: isTty && (env["NO_COLOR"] ?? "") === "",
    monotonicMs: () => performance.now(),
    repeat(everyMs, work) {
      const timer = setInterval(work, everyMs);
      return () => clearInterval(timer);
    },
    signal: ended.signal,
  };
}

const argv = process.argv.slice(2);
listenForEnd(argv);
const version = `muster ${buildInfo.version} (${buildInfo.commit})`;
process.exitCode = await runProgram({ version, commands }, argv, terminal());
