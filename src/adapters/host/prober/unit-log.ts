import { decisiveLine } from "../../../domain/errors/decisive-line.ts";
import { redact } from "../../../domain/redact/redact.ts";
import { programs } from "../../../domain/settings/paths.ts";
import { exec } from "../exec.ts";
import { excerpt } from "./seen.ts";

/** The lines that are looked at: what a service prints before it gives up. */
const lines = 12;

/** In milliseconds. The journal of a busy machine is large. */
const timeoutMs = 5_000;

/** The line of a unit's log in this boot that says why it does not work; undefined where it logged nothing. Never rejects. */
export async function lastWordsOfUnit(unit: string): Promise<string | undefined> {
  // What its own processes said, before what systemd says of it: a description may hold any word.
  const own = await logOf(`_SYSTEMD_UNIT=${unit}`);
  const line = decisiveLine(own) ?? decisiveLine(await logOf(`--unit=${unit}`));
  return line === undefined ? undefined : redact(excerpt(line));
}

async function logOf(match: string): Promise<readonly string[]> {
  const options = ["--boot", `--lines=${lines}`, "--output=cat", "--no-pager", "--quiet"];
  const { outcome, stdout } = await exec({
    argv: [programs.journalctl, match, ...options],
    timeoutMs,
    signal: new AbortController().signal,
  });
  return outcome === "exited" ? stdout.split("\n") : [];
}
