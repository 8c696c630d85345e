import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { MusterError } from "../../domain/errors/errors.ts";
import { programs } from "../../domain/settings/paths.ts";
import type { GitUrl } from "../../domain/role/git-url.ts";
import { exec } from "../host/exec.ts";
import type { ExecResult } from "../host/exec.ts";
import { replaceFile } from "../host/handles/replace-file.ts";
import { diskFailure } from "./disk.ts";
import { fetchFailure, said, unknownFetchFailure } from "./failure.ts";
import type { Git } from "./git.ts";
import type { Proxy } from "../../domain/settings/proxy.ts";
import { scrub } from "./url.ts";

/** The place of a mirror, and its git. */
export type Mirror = {
  readonly git: Git;
  readonly url: GitUrl;
  readonly directory: string;
  /** Globs of the branches and tags that the settings allow: `config.refs`. */
  readonly refs: readonly string[];
  /** The proxy to the server; absent: none. */
  readonly proxy?: () => Proxy | undefined;
};

/** Written last into a new mirror: with this file the mirror is complete; it holds the URL. */
const sourceFile = "muster-source";
/** Marks a mirror that was found damaged: the next fetch builds a new one. */
const damageFile = "muster-damaged";

/** The lock of the mirror and of the worktrees that are made from it. */
export function lockOf(mirror: Mirror): string {
  return `${mirror.directory}.lock`;
}

/** Whether the directory holds a complete mirror of the URL. */
export async function isMirrorOf(mirror: Mirror): Promise<boolean> {
  return (await contentOf(join(mirror.directory, sourceFile))) === `${scrub(mirror.url.text)}\n`;
}

/** Marks a mirror in `directory` as complete and of this URL. */
export async function markComplete(mirror: Mirror, directory: string): Promise<void> {
  await replaceFile(join(directory, sourceFile), `${scrub(mirror.url.text)}\n`, { mode: 0o600 });
}

/** Makes an empty bare repository, without the machine's templates. */
export async function initMirror(mirror: Mirror, directory: string, signal: AbortSignal): Promise<void> {
  const result = await mirror.git.run({
    gitDir: directory,
    args: ["init", "--quiet", "--bare", "--template=", "--initial-branch=muster-none"],
    signal,
  });
  if (result.code !== 0) throw fetchFailure(result, mirror.url) ?? unknownFetchFailure(result, mirror.url);
}

/**
 * For a failure of an operation that should never fail: only a full disk or damage can be the reason. Marks the damage,
 * so that the next fetch repairs it.
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

/** Why the mirror has to be built anew before it is used; undefined if it need not. */
export async function whyRebuild(mirror: Mirror): Promise<string | undefined> {
  if (await isMirrorOf(mirror)) {
    const damage = await contentOf(join(mirror.directory, damageFile));
    return damage === undefined ? undefined : "The local mirror was damaged";
  }
  return "The local mirror was incomplete or that of another URL";
}

/** Syncs the whole file system of `path` at once. */
export async function syncTree(path: string, signal: AbortSignal): Promise<void> {
  const { code, stderr } = await exec({
    argv: [programs.sync, "--file-system", path],
    timeoutMs: 120_000,
    signal,
  });
  if (code !== 0) throw diskFailure(path, stderr.trim() || "sync did not end");
}

async function contentOf(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}
