import { resolve } from "node:path";
import type { HeldAnswer, HeldContent, NotHeld } from "../../domain/role/held-content.ts";
import { printable } from "../../domain/role/names.ts";
import { isAtOrBelow } from "../../domain/role/repo-content.ts";
import type { ExecResult } from "../host/exec.ts";
import { ask } from "./ask.ts";
import { harmless } from "./hardening.ts";
import type { TreeEntry } from "./tree-entry.ts";
import { findStandIns } from "./stand-ins.ts";

// A person's checkout of the config repo, for `muster check`. Only its index and its ignore rules are read: nothing in
// it is changed, no program of its configuration runs, and nothing is fetched.

const config = [...harmless, "core.untrackedCache=false", "safe.directory=*"];

const askMs = 60_000;
/** Of a list of all files. Bytes. */
const listLimit = 256 * 1024 * 1024;

type Ask = (args: readonly [string, ...string[]], input?: string) => Promise<string>;

class GitSays extends Error {}

/**
 * What git holds at and below paths of a checkout.
 * @param paths relative to the directory, without `./`; empty for the whole
 */
export async function heldContent(directory: string, paths: readonly string[]): Promise<HeldAnswer> {
  const inside = await git(directory, ["rev-parse", "--is-inside-work-tree", "--show-prefix"]);
  if (inside.outcome === "missing" || /not a git repository|cannot change to/.test(inside.stderr)) return undefined;
  if (inside.code !== 0) return { unseen: firstLine(inside.stderr) };
  // A directory inside another repo is not the root of the config repo.
  if (inside.stdout.trim() !== "true") return undefined;
  try {
    return await look(paths, async (args, input) => {
      const result = await git(directory, args, input);
      // `check-ignore` exits with 1 if nothing is ignored.
      if (result.code === 0 || (args[0] === "check-ignore" && result.code === 1)) return result.stdout;
      throw new GitSays(firstLine(result.stderr));
    });
  } catch (error) {
    if (error instanceof GitSays) return { unseen: error.message };
    throw error;
  }
}

function git(cwd: string, args: readonly [string, ...string[]], input?: string): Promise<ExecResult> {
  const { signal } = new AbortController();
  const given = input === undefined ? {} : { input };
  // A name such as `*` means itself. `check-ignore` takes names literally anyway, and refuses the option.
  const literal = args[0] === "ls-files" ? ["--literal-pathspecs"] : [];
  const question = { config, signal, timeoutMs: askMs, maxBytes: listLimit, ...given };
  return ask({ ...question, verb: args[0], args: ["-C", resolve(cwd), ...literal, ...args] });
}

function firstLine(text: string): string {
  return printable(text.split("\n", 1)[0] ?? "", 300) || "git failed without a word";
}

async function look(paths: readonly string[], ask: Ask): Promise<HeldContent> {
  const entries = (await ask(["ls-files", "--stage", "-z"])).split("\0").flatMap(entryOf);
  const standIns = await findStandIns(entries, paths, ask);
  const isHeld = (path: string): boolean =>
    entries.some((entry) => isAtOrBelow(entry.path, path)) || standIns.some((each) => isAtOrBelow(path, each.path));
  const notHeld = new Map<string, NotHeld>();
  for (const path of paths.filter((each) => !isHeld(each))) notHeld.set(path, await whyNot(path, ask));
  return { standIns, notHeld, leftOut: await leftOutOf(paths.filter(isHeld), ask) };
}

function entryOf(line: string): readonly TreeEntry[] {
  const [, mode = "", id = "", path = ""] = /^(\d{6}) ([0-9a-f]{40,64}) \d\t(.+)$/s.exec(line) ?? [];
  return path === "" ? [] : [{ mode, id, path }];
}

async function whyNot(path: string, ask: Ask): Promise<NotHeld> {
  const [added] = await others(["--"], [path], ask);
  if (added !== undefined) return { kind: "not-added" };
  const [ignored] = await others(["--ignored", "--"], [path], ask);
  if (ignored === undefined) return { kind: "empty" };
  return { kind: "ignored", by: (await ignoringLines([ignored], ask)).get(ignored) ?? "git's configuration" };
}

/** Whole modules that are ignored, and every file that was not added, except those of editors. */
async function leftOutOf(paths: readonly string[], ask: Ask): Promise<HeldContent["leftOut"]> {
  if (paths.length === 0) return [];
  const added = await others(["--directory", "--no-empty-directory", "--"], paths, ask);
  const below = paths.filter((path) => path !== "");
  const ignored = (await others(["--ignored", "--directory", "--"], below, ask)).filter((path) =>
    below.some((used) => path.startsWith(`${used}/`) && /^[^/]+\/$/.test(path.slice(used.length + 1))),
  );
  const lines = await ignoringLines(ignored, ask);
  return [
    ...added.map((path) => ({ path, kind: "not-added" as const })),
    ...ignored.map((path) => ({ path, kind: "ignored" as const, by: lines.get(path) ?? "git's configuration" })),
  ].filter(({ path }) => !/(^|\/)\.[^/]*\/?$|~$/.test(path));
}

/** Files in the working tree that the index lacks. */
async function others(how: readonly string[], paths: readonly string[], ask: Ask): Promise<readonly string[]> {
  if (paths.length === 0) return [];
  const named = paths.map((path) => (path === "" ? "." : path));
  const listed = await ask(["ls-files", "--others", "--exclude-standard", "-z", ...how, ...named]);
  return listed.split("\0").filter((path) => path !== "");
}

/** The line and file that make git ignore a path, by path. */
async function ignoringLines(paths: readonly string[], ask: Ask): Promise<ReadonlyMap<string, string>> {
  const lines = new Map<string, string>();
  if (paths.length === 0) return lines;
  const input = paths.map((path) => `./${path}\0`).join("");
  const answer = (await ask(["check-ignore", "--verbose", "-z", "--stdin"], input)).split("\0");
  for (let index = 0; index + 3 < answer.length; index += 4) {
    const [file = "", line = "", pattern = "", path = ""] = answer.slice(index, index + 4);
    lines.set(path.slice("./".length), printable(`${file}:${line} (${pattern})`, 200));
  }
  return lines;
}
