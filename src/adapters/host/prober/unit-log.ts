import { decisiveLine } from "../../../domain/errors/decisive-line.ts";
import { redact } from "../../../domain/redact/redact.ts";
import { programs } from "../../../domain/settings/paths.ts";
import type { RunCommand } from "./command.ts";
import { excerpt } from "./seen.ts";

/** The lines that are looked at: what a service prints before it gives up. */
const lines = 12;

/** In milliseconds. The journal of a busy machine is large. */
const timeoutMs = 5_000;

/**
 * The line of a unit's log in this boot that says why it does not work; undefined where it logged nothing.
 * @param runCommand outside of the daemon's sandbox, which shows no journal
 */
export async function lastWordsOfUnit(unit: string, runCommand: RunCommand): Promise<string | undefined> {
  // What its own processes said, before what systemd says of it: a description may hold any word.
  const own = await logOf(`_SYSTEMD_UNIT=${unit}`, runCommand);
  const line = decisiveLine(own) ?? decisiveLine(await logOf(`--unit=${unit}`, runCommand));
  return line === undefined ? undefined : redact(excerpt(line));
}

async function logOf(match: string, runCommand: RunCommand): Promise<readonly string[]> {
  const options = ["--boot", `--lines=${lines}`, "--output=cat", "--no-pager", "--quiet"];
  const { outcome, stdout } = await runCommand({
    argv: [programs.journalctl, match, ...options],
    timeoutMs,
    signal: new AbortController().signal,
    maxBytes: 64 * 1024,
    beginning: true,
  });
  return outcome === "exited" ? stdout.split("\n") : [];
}
