import { readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { MusterError } from "../../domain/errors.ts";
import { programs } from "../../domain/paths.ts";
import type { GitUrl } from "../../domain/git-url.ts";
import type { FetchReport } from "../../ports/config-repo.ts";
import { exec } from "../host/exec.ts";
import type { ExecResult } from "../host/exec.ts";
import { syncDirectory } from "../host/state-files.ts";
import { replaceFile } from "../host/handles/replace-file.ts";
import { diskFailure } from "./disk.ts";
import { fetchFailure, said, unknownFetchFailure } from "./failure.ts";
import { waitForLock } from "./git.ts";
import type { Git } from "./git.ts";
import { reach } from "./reach.ts";
import type { Validity } from "./reach.ts";
import { scrub } from "./url.ts";

/** Where a mirror is and how it is worked on. */
export type Mirror = {
  readonly git: Git;
  readonly url: GitUrl;
  readonly directory: string;
};

/** Written last of all into a new mirror: with it the mirror is complete, and it says of which URL. */
const sourceFile = "muster-source";
/** Written by whoever finds the mirror damaged: the next fetch builds a new one. */
const damageFile = "muster-damaged";

/** All branches and tags as they are on the server, forced pushes included: what may be applied is decided later. */
const refspecs = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];

/** What guards the mirror and the worktrees that are made from it. */
export function lockOf(mirror: Mirror): string {
  return `${mirror.directory}.lock`;
}

/** ConfigRepo.fetch. */
export async function fetchMirror(mirror: Mirror, timeoutMs: number, signal: AbortSignal): Promise<FetchReport> {
  const validity = await reach(mirror.url, signal);
  await waitForLock(lockOf(mirror), signal);
  const reason = await whyRebuild(mirror);
  if (reason === undefined) {
    await removeLeftovers(mirror.directory);
    const result = await fetchInto(mirror, mirror.directory, timeoutMs, signal);
    if (result.code === 0) return {};
    const failure = fetchFailure(result, mirror.url, validity);
    if (failure !== undefined) throw failure;
    if (await isSound(mirror, signal)) throw unknownFetchFailure(result, mirror.url);
  }
  const replaced = await rebuild(mirror, timeoutMs, validity, signal);
  if (!replaced) return {};
  return {
    rebuilt: `${reason ?? "The local mirror was damaged"}: it was fetched anew, the old one is ${asideOf(mirror)}`,
  };
}

/** Whether the directory holds a mirror of the URL, complete when it was made. */
export async function isMirrorOf(mirror: Mirror): Promise<boolean> {
  return (await contentOf(join(mirror.directory, sourceFile))) === `${scrub(mirror.url.text)}\n`;
}

/** Marks a mirror in `directory` as complete and of this URL. */
export async function markComplete(mirror: Mirror, directory: string): Promise<void> {
  await replaceFile(join(directory, sourceFile), `${scrub(mirror.url.text)}\n`, { mode: 0o600 });
}

/** Makes an empty bare repository; nothing of a template of the machine gets into it. */
export async function initMirror(mirror: Mirror, directory: string, signal: AbortSignal): Promise<void> {
  const result = await mirror.git({
    gitDir: directory,
    args: ["init", "--quiet", "--bare", "--template=", "--initial-branch=muster-none"],
    signal,
  });
  if (result.code !== 0) throw fetchFailure(result, mirror.url) ?? unknownFetchFailure(result, mirror.url);
}

/**
 * For an operation on the mirror that failed and never should: nothing but a full disk or damage is left
 * as the reason. Remembers the damage, so that the next fetch repairs it.
 */
export async function mirrorFailure(mirror: Mirror, what: string, result: ExecResult): Promise<MusterError> {
  const full = /No space left on device|Disk quota exceeded/.test(result.stderr);
  if (full) throw fetchFailure(result, mirror.url) ?? unknownFetchFailure(result, mirror.url);
  if (result.outcome === "exited") {
    await replaceFile(join(mirror.directory, damageFile), result.stderr, { mode: 0o600 }).catch(() => undefined);
  }
  return new MusterError({
    code: "config-mirror-damaged",
    message: `The local mirror of the config repo, ${mirror.directory}, is damaged: ${what} failed${said(result.stderr)}`,
    hint: "It is fetched anew as soon as the git server can be reached.",
    transient: true,
  });
}

async function whyRebuild(mirror: Mirror): Promise<string | undefined> {
  if (await isMirrorOf(mirror)) {
    const damage = await contentOf(join(mirror.directory, damageFile));
    return damage === undefined ? undefined : "The local mirror was damaged";
  }
  return "The local mirror was incomplete or that of another URL";
}

function fetchInto(mirror: Mirror, directory: string, timeoutMs: number, signal: AbortSignal): Promise<ExecResult> {
  const quiet = ["--quiet", "--force", "--prune", "--no-tags", "--no-recurse-submodules"];
  // Not --atomic: then a branch `a` that became `a/b` could never follow.
  const plain = ["--no-write-fetch-head", "--no-auto-maintenance", "--no-show-forced-updates"];
  return mirror.git({
    gitDir: directory,
    args: ["fetch", ...quiet, ...plain, ...localHalf(mirror.url), "--", mirror.url.text, ...refspecs],
    signal,
    timeoutMs,
    lockFile: lockOf(mirror),
  });
}

/** Over file:// git starts its other half with none of our configuration; root may read what others own. */
export function localHalf(url: GitUrl): readonly string[] {
  return url.scheme === "file" ? ["--upload-pack=git -c safe.directory='*' upload-pack"] : [];
}

/** Builds a new mirror beside the old one and puts it in its place; false when there was no old one. */
async function rebuild(
  mirror: Mirror,
  timeoutMs: number,
  validity: Validity | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const fresh = `${mirror.directory}.new`;
  await rm(fresh, { recursive: true, force: true });
  await initMirror(mirror, fresh, signal);
  const result = await fetchInto(mirror, fresh, timeoutMs, signal);
  if (result.code !== 0) throw fetchFailure(result, mirror.url, validity) ?? unknownFetchFailure(result, mirror.url);
  await markComplete(mirror, fresh);
  await syncTree(fresh, signal);
  await rm(asideOf(mirror), { recursive: true, force: true });
  const replaced = await rename(mirror.directory, asideOf(mirror)).then(
    () => true,
    () => false,
  );
  await rename(fresh, mirror.directory);
  await syncDirectory(dirname(mirror.directory));
  return replaced;
}

/** Reads every object, once something is wrong that nobody can explain. */
async function isSound(mirror: Mirror, signal: AbortSignal): Promise<boolean> {
  const args = ["fsck", "--full", "--no-dangling", "--no-progress"] as const;
  const result = await mirror.git({ gitDir: mirror.directory, args, signal, timeoutMs: 120_000 });
  return result.code === 0;
}

/** What a git leaves that was killed. Only once nothing holds the lock. */
async function removeLeftovers(directory: string): Promise<void> {
  const names = await readdir(directory, { recursive: true });
  const leftovers = names.filter(
    (name) => name.endsWith(".lock") || /^objects\/(.*\/)?(tmp_|incoming-)[^/]*$/.test(name),
  );
  await Promise.all(leftovers.map((name) => rm(join(directory, name), { recursive: true, force: true })));
}

/** Makes everything that was written to the file system of `path` durable, in one go. */
export async function syncTree(path: string, signal: AbortSignal): Promise<void> {
  const { code, stderr } = await exec({
    argv: [programs.sync, "--file-system", path],
    timeoutMs: 120_000,
    signal,
  });
  if (code !== 0) throw diskFailure(path, stderr.trim() || "sync did not end");
}

function asideOf(mirror: Mirror): string {
  return `${mirror.directory}.aside`;
}

async function contentOf(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}
