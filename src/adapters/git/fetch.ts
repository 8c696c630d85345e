import { readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { MusterError } from "../../domain/errors/errors.ts";
import { refPath, withKind } from "../../domain/role/ref-kind.ts";
import { formatSize } from "../../domain/text/units.ts";
import type { FetchReport } from "../../ports/config-repo.ts";
import type { ExecResult } from "../host/exec.ts";
import { syncDirectory } from "../host/state-files.ts";
import { fetchFailure, unknownFetchFailure } from "./failure.ts";
import { waitForLock } from "./git.ts";
import { initMirror, lockOf, markComplete, syncTree, whyRebuild } from "./mirror.ts";
import type { Mirror } from "./mirror.ts";
import { proxyFailure } from "./proxy.ts";
import { reach } from "./reach.ts";
import { allowedOnServer, chooseRefs, localHalf, meantRefs, type Asking, type ServerRef } from "./server-refs.ts";

// Brings the mirror up to date: the branches and tags that the settings allow, and no other refs. It lists the server's
// refs first, then fetches the missing ones by name.

/** The limits of a fetch. */
export type FetchLimits = {
  /** Refs. */
  readonly refs: number;
  /** Of a whole fetch, which is one pack. */
  readonly bytes: number;
};

export const fetchLimits: FetchLimits = { refs: 2_000, bytes: 2 * 1024 * 1024 * 1024 };

/** After this many moved refs they are packed into one file. */
const looseRefs = 50;
/** In place of the object of a symbolic ref, which no fetch makes: it is made anew. */
const standIn = "";
/** A ref may be removed between the two requests. */
const attempts = 3;

/** ConfigRepo.fetch. */
export async function fetchMirror(
  mirror: Mirror,
  limits: FetchLimits,
  timeoutMs: number,
  signal: AbortSignal,
  wanted?: string,
): Promise<FetchReport> {
  const asking = { validity: await reach(mirror.url, signal, mirror.proxy?.()), timeoutMs, signal };
  await waitForLock(lockOf(mirror), signal);
  const task: Task = { mirror, limits, wanted, ...asking };
  const reason = await whyRebuild(mirror);
  if (reason === undefined) {
    await removeLeftovers(mirror.directory);
    const brought = await bringUpToDate(task, mirror.directory);
    if (!("failed" in brought)) return reportOf(brought);
    const failure = failureOf(task, brought.failed);
    if (failure !== undefined) throw failure;
    if (await isSound(mirror, signal)) throw unknownFetchFailure(brought.failed, mirror.url);
  }
  const { replaced, ...brought } = await rebuild(task);
  if (!replaced) return reportOf(brought);
  const why = reason ?? "The local mirror was damaged";
  return { rebuilt: `${why}: it was fetched anew, the old one is ${asideOf(mirror)}`, ...reportOf(brought) };
}

type Task = Asking & {
  readonly mirror: Mirror;
  readonly limits: FetchLimits;
  readonly wanted: string | undefined;
};

/** The result; `leftOut` says in words which allowed refs were not fetched. */
type Brought = { readonly leftOut?: string };
type Failed = { readonly failed: ExecResult };

function reportOf({ leftOut }: Brought): FetchReport {
  return leftOut === undefined ? {} : { leftOut };
}

async function bringUpToDate(task: Task, directory: string): Promise<Brought | Failed> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await bringAllowed(task, directory);
    const isGone = "failed" in outcome && /couldn't find remote ref/.test(outcome.failed.stderr);
    if (!isGone || attempt === attempts) return outcome;
  }
}

/**
 * All that is allowed. Where git refuses it for what is in it, the refs that the settings and this run name, and at
 * last that of the run alone: what was pushed to one allowed ref must not stop machines that follow another.
 */
async function bringAllowed(task: Task, directory: string): Promise<Brought | Failed> {
  const { mirror, limits, wanted } = task;
  const present = await presentRefs(task, directory);
  if ("failed" in present) return present;
  const allowed = await allowedOnServer(mirror, task);
  const choice = chooseRefs(allowed, {
    ...{ globs: mirror.refs, wanted, limit: limits.refs },
    present: new Set(present.refs.keys()),
  });
  const failed =
    (await removeOthers(task, directory, present.refs, choice.refs)) ??
    (await bring(task, directory, present.refs, choice.refs));
  if (failed === undefined) return choice.leftOut === 0 ? {} : { leftOut: tooMany(choice.leftOut, limits.refs) };
  const refused = failureOf(task, failed);
  if (refused?.code !== "config-content-refused" && refused?.code !== "config-too-large") return { failed };
  let last = failed;
  for (const names of [[...mirror.refs, wanted], [wanted]]) {
    const refs = meantRefs(choice.refs, names);
    if (refs.length === 0 || refs.length === choice.refs.length) continue;
    await removeLeftovers(directory);
    const again = await bring(task, directory, present.refs, refs);
    if (again === undefined) return { leftOut: besides(refs, refused) };
    last = again;
  }
  return { failed: last };
}

function tooMany(leftOut: number, limit: number): string {
  return `config.refs allows ${leftOut + limit} branches and tags of the config repo, and ${limit} are fetched; narrow config.refs in the settings`;
}

function besides(refs: readonly ServerRef[], refused: MusterError): string {
  const names = refs.map(({ kind, name }) => withKind(kind, name)).join(", ");
  return `Of what config.refs allows only ${names} is up to date, the others stay as they were. ${refused.message}`;
}

/** Updates some refs. @returns the call of git that failed */
async function bring(
  task: Task,
  directory: string,
  present: ReadonlyMap<string, string>,
  refs: readonly ServerRef[],
): Promise<ExecResult | undefined> {
  const paths = refs.flatMap(({ kind, name, object }) => {
    const path = refPath(kind, name);
    return present.get(path) === object ? [] : [path];
  });
  return (await fetchInto(task, directory, paths)) ?? (await pack(task, directory, paths.length));
}

async function presentRefs(
  { mirror, signal }: Task,
  directory: string,
): Promise<{ readonly refs: ReadonlyMap<string, string> } | Failed> {
  // Ask for the type, so that a missing object is noticed.
  const args = ["for-each-ref", "--format=%(objectname) %(objecttype) %(refname) %(symref)"] as const;
  const result = await mirror.git.ask({ gitDir: directory, args, signal });
  if (result.code !== 0) return { failed: result };
  const lines = result.stdout.split("\n").filter((line) => line !== "");
  const refs = lines.map((line) => {
    const [object = "", , path = "", symref = ""] = line.split(" ");
    return [path, symref === "" ? object : standIn] as const;
  });
  return { refs: new Map(refs) };
}

/** Removes refs that are gone or not allowed. First: a branch `a` that became `a/b` would block it. */
async function removeOthers(
  { mirror, signal }: Task,
  directory: string,
  present: ReadonlyMap<string, string>,
  kept: readonly ServerRef[],
): Promise<ExecResult | undefined> {
  const keptPaths = new Set(kept.map(({ kind, name }) => refPath(kind, name)));
  const stale = [...present].flatMap(([path, object]) => (object === standIn || !keptPaths.has(path) ? [path] : []));
  if (stale.length === 0) return undefined;
  const input = stale.map((path) => `delete ${path}\n`).join("");
  const args = ["update-ref", "--no-deref", "--stdin"] as const;
  const result = await mirror.git.run({ gitDir: directory, args, input, signal, lockFile: lockOf(mirror) });
  return result.code === 0 ? undefined : result;
}

async function fetchInto(
  { mirror, limits, timeoutMs, signal }: Task,
  directory: string,
  paths: readonly string[],
): Promise<ExecResult | undefined> {
  if (paths.length === 0) return undefined;
  const quiet = ["--quiet", "--force", "--no-tags", "--no-recurse-submodules"];
  const plain = ["--no-write-fetch-head", "--no-auto-maintenance", "--no-show-forced-updates"];
  const result = await mirror.git.run({
    gitDir: directory,
    args: ["fetch", ...quiet, ...plain, ...localHalf(mirror), "--stdin", "--", mirror.url.text],
    input: paths.map((path) => `+${path}:${path}\n`).join(""),
    signal,
    timeoutMs,
    lockFile: lockOf(mirror),
    maxFileBytes: limits.bytes,
  });
  return result.code === 0 ? undefined : result;
}

/** One file instead of one for each ref. */
async function pack({ mirror, signal }: Task, directory: string, moved: number): Promise<ExecResult | undefined> {
  if (moved < looseRefs) return undefined;
  const args = ["pack-refs", "--all"] as const;
  const result = await mirror.git.run({ gitDir: directory, args, signal, lockFile: lockOf(mirror) });
  return result.code === 0 ? undefined : result;
}

/** The kernel's word for a file that would grow over the limit. */
function isTooLarge(stderr: string): boolean {
  return stderr.includes("File too large");
}

function failureOf({ mirror, limits, validity }: Task, failed: ExecResult): MusterError | undefined {
  if (!isTooLarge(failed.stderr))
    return proxyFailure(mirror, failed.stderr) ?? fetchFailure(failed, mirror.url, validity);
  return new MusterError({
    code: "config-too-large",
    message: `The config repo cannot be fetched: what is new in it has more than ${formatSize(limits.bytes)}`,
    hint: "Keep data out of the config repo: take it out of the history of the ref, or apply another ref.",
  });
}

/** Builds a new mirror beside the old one and replaces it; `replaced` is false without an old one. */
async function rebuild(task: Task): Promise<Brought & { readonly replaced: boolean }> {
  const { mirror, signal } = task;
  const fresh = `${mirror.directory}.new`;
  await rm(fresh, { recursive: true, force: true });
  await initMirror(mirror, fresh, signal);
  const brought = await bringUpToDate(task, fresh);
  if ("failed" in brought) throw failureOf(task, brought.failed) ?? unknownFetchFailure(brought.failed, mirror.url);
  await markComplete(mirror, fresh);
  await syncTree(fresh, signal);
  await rm(asideOf(mirror), { recursive: true, force: true });
  const replaced = await rename(mirror.directory, asideOf(mirror)).then(
    () => true,
    () => false,
  );
  await rename(fresh, mirror.directory);
  await syncDirectory(dirname(mirror.directory));
  return { ...brought, replaced };
}

/** Reads every object, after a failure that nothing here explains. */
async function isSound(mirror: Mirror, signal: AbortSignal): Promise<boolean> {
  const args = ["fsck", "--full", "--no-dangling", "--no-progress"] as const;
  const result = await mirror.git.ask({ gitDir: mirror.directory, args, signal, timeoutMs: 120_000 });
  return result.code === 0;
}

/** Removes the left-overs of a killed git. Only once no process holds the lock. */
async function removeLeftovers(directory: string): Promise<void> {
  const names = await readdir(directory, { recursive: true });
  const leftovers = names.filter(
    (name) => name.endsWith(".lock") || /^objects\/(.*\/)?(tmp_|incoming-)[^/]*$/.test(name),
  );
  await Promise.all(leftovers.map((name) => rm(join(directory, name), { recursive: true, force: true })));
}

function asideOf(mirror: Mirror): string {
  return `${mirror.directory}.aside`;
}
