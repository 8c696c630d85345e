// What starts: reads arguments and signals, runs the one command that is asked for, and is the only place that ends the
// process. src/app has the commands.
import { basename } from "node:path";
import { commandsOf } from "./app/commands.ts";
import { createTerminal } from "./app/terminal.ts";
import { interrupted } from "./cli/command.ts";
import type { RsTagDeps } from "./cli/rs-tag/rs-tag.ts";
import { runProgram } from "./cli/program.ts";
import { tunnelCommand } from "./adapters/host/tunnel-words.ts";
import { buildInfo } from "./domain/settings/build-info.ts";
import { isHeeded } from "./domain/settings/environment.ts";
import { detached } from "./ports/unit-runner.ts";

const ended = new AbortController();
const unread = new AbortController();
let unwritten = false;

/**
 * A daemon that is told to end leaves its work behind; a command that is interrupted cancels its own. A second Ctrl-C
 * does not wait for that.
 */
function listenForEnd(isDaemon: boolean): void {
  const reason = isDaemon ? detached : new Error("cancelled");
  process.on("SIGTERM", () => ended.abort(reason));
  process.on("SIGINT", () => {
    if (ended.signal.aborted && !isDaemon) process.exit(interrupted);
    ended.abort(reason);
  });
}

/** A full disk is no reason to stop working, but the exit status has to say that something is missing. */
function onUnwritten(): void {
  unwritten = true;
  if (process.exitCode === 0) process.exitCode = 1;
}

async function rsTag(): Promise<number> {
  const { runRsTag } = await import("./cli/rs-tag/rs-tag.ts");
  const deps: RsTagDeps = {
    connect: async (tell) => (await import("./app/tags.ts")).connectTags(process.env, tell),
    within: (ms) => AbortSignal.any([ended.signal, AbortSignal.timeout(ms)]),
    version,
  };
  return runRsTag(argv, deps, terminal);
}

/** What ssh runs in place of a connection: a program of its own, as small as it can be. */
async function openTunnel(): Promise<never> {
  const { tunnel } = await import("./adapters/host/tunnel.ts");
  process.exit(await tunnel(argv.slice(1), process.env));
}

for (const name of Object.keys(process.env)) if (!isHeeded(name)) delete process.env[name];
const argv = process.argv.slice(2);
const isDaemon = argv[0] === "daemon";
if (argv[0] === tunnelCommand) await openTunnel();
const version = `muster ${buildInfo.version} (${buildInfo.commit})`;
listenForEnd(isDaemon);
process.stdout.on("error", () => unread.abort());
const terminal = createTerminal(ended.signal, isDaemon ? undefined : onUnwritten);
const commands = commandsOf({
  env: process.env,
  ended: ended.signal,
  unread: unread.signal,
  now: () => new Date().toISOString(),
});
// Under its other name the same binary is another program.
const status =
  basename(process.argv0) === "rs_tag" ? await rsTag() : await runProgram({ version, commands }, argv, terminal);
process.exitCode = status === 0 && unwritten ? 1 : status;
