import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ConfigSource } from "../../domain/settings/settings.ts";
import { allowsRef, refAtPath, refPath } from "../../domain/role/ref-kind.ts";
import type { ConfigRepo, ScratchRepo } from "../../ports/config-repo.ts";
import { makeDirectory } from "../host/state-files.ts";
import { replaceFile } from "../host/handles/replace-file.ts";
import { onDisk } from "./disk.ts";
import { createGit } from "./git.ts";
import { fetchLimits, fetchMirror, type FetchLimits } from "./fetch.ts";
import { initMirror, isMirrorOf, lockOf, markComplete, mirrorFailure } from "./mirror.ts";
import type { Mirror } from "./mirror.ts";
import { findCommit, headOf, isAncestor, listRefs, readFileOf, signatureOf, standInsOf } from "./read.ts";
import { headOnServer } from "./server-refs.ts";
import { gitUrlOf } from "./url.ts";
import type { Proxies } from "../host/proxies.ts";
import { tunnelCommand } from "../host/tunnel-words.ts";
import { proxyTo, wayTo } from "./proxy.ts";
import { checkOut, pruneWorktrees } from "./worktree.ts";

/** The parts of this machine's config repo. */
export type GitConfigRepoOptions = {
  readonly source: ConfigSource;
  /** Absent: none. */
  readonly proxies?: Proxies;
  /** The command that becomes a tunnel through a proxy for ssh; absent: this program. */
  readonly tunnel?: readonly string[];
  /** The bare mirror; its lock, its successor and its predecessor stand beside it. */
  readonly mirrorDirectory: string;
  readonly worktreeDirectory: string;
  /** The directory for temporary clones. */
  readonly scratchDirectory: string;
  /** The limits of one fetch; absent: the usual ones. */
  readonly limits?: FetchLimits;
  /** The mirror that this one borrows objects from: only in a temporary clone. */
  readonly lender?: string;
};

/**
 * The config repo over git.
 * @throws MusterError `config-url-invalid`
 */
export function createGitConfigRepo(options: GitConfigRepoOptions): ConfigRepo {
  const { source, mirrorDirectory, worktreeDirectory, proxies, tunnel = [process.execPath, tunnelCommand] } = options;
  const url = gitUrlOf(source.url);
  const lender = join(options.lender ?? mirrorDirectory, "objects");
  const way = proxies === undefined ? undefined : () => wayTo(url, proxies, tunnel);
  const mirror: Mirror = {
    git: createGit(source, url, lender, way),
    ...(proxies === undefined ? {} : { proxy: () => proxyTo(url, proxies) }),
    url,
    directory: mirrorDirectory,
    refs: source.refs,
  };
  const limits = options.limits ?? fetchLimits;
  return {
    fetch: (timeoutMs, signal, wanted) =>
      onDisk(mirrorDirectory, () => fetchMirror(mirror, limits, timeoutMs, signal, wanted)),
    headOnServer: (name, timeoutMs, signal) => headOnServer(mirror, name, timeoutMs, signal),
    hasMirror: (signal) => hasMirror(mirror, signal),
    refs: (signal) => listRefs(mirror, signal),
    findCommit: (id, signal) => findCommit(mirror, id, signal),
    refsContaining: (commit, signal) => listRefs(mirror, signal, commit),
    isAncestor: (ancestor, descendant, signal) => isAncestor(mirror, ancestor, descendant, signal),
    headOf: (commit, signal) => headOf(mirror, commit, signal),
    signature: (commit, signal) => signatureOf(mirror, commit, signal),
    readFile: (commit, path, signal) => readFileOf(mirror, commit, path, signal),
    standIns: (commit, paths, signal) => standInsOf(mirror, commit, paths, signal),
    checkout: (commit, signal) => onDisk(worktreeDirectory, () => checkOut(mirror, worktreeDirectory, commit, signal)),
    async prune(keep, signal) {
      await onDisk(worktreeDirectory, () => pruneWorktrees(worktreeDirectory, keep));
      await tidy(mirror, signal);
    },
    scratch: (signal) => onDisk(options.scratchDirectory, () => createScratch(options, mirror, signal)),
  };
}

async function hasMirror(mirror: Mirror, signal: AbortSignal): Promise<boolean> {
  if (!(await isMirrorOf(mirror))) return false;
  const args = ["for-each-ref", "--format=%(refname)", "refs/heads", "refs/tags"] as const;
  const result = await mirror.git.ask({ gitDir: mirror.directory, args, signal });
  const refs = result.stdout.split("\n").flatMap((path) => refAtPath(path) ?? []);
  return result.code === 0 && refs.some((ref) => allowsRef(mirror.refs, ref));
}

/** Packs what many fetches left; does nothing most of the time. A failure is not reported. */
async function tidy(mirror: Mirror, signal: AbortSignal): Promise<void> {
  const args = ["gc", "--auto", "--quiet"] as const;
  await mirror.git.run({ gitDir: mirror.directory, args, signal, timeoutMs: 120_000, lockFile: lockOf(mirror) });
}

/** A second repository that borrows the mirror's objects and has its refs. */
async function createScratch(options: GitConfigRepoOptions, mirror: Mirror, signal: AbortSignal): Promise<ScratchRepo> {
  await makeDirectory(options.scratchDirectory);
  const place = await mkdtemp(join(options.scratchDirectory, "dry-run-"));
  const dispose = () => rm(place, { recursive: true, force: true });
  const directory = join(place, "mirror");
  try {
    if (await hasMirror(mirror, signal)) await borrow(mirror, directory, signal);
  } catch (error) {
    await dispose();
    throw error;
  }
  const repo = createGitConfigRepo({
    ...options,
    mirrorDirectory: directory,
    lender: mirror.directory,
    worktreeDirectory: join(place, "worktrees"),
  });
  return { repo, dispose };
}

async function borrow(mirror: Mirror, directory: string, signal: AbortSignal): Promise<void> {
  const refs = await listRefs(mirror, signal);
  await initMirror(mirror, directory, signal);
  await replaceFile(
    join(directory, "objects/info/alternates"),
    `${join(mirror.directory, "objects")}
`,
    {
      mode: 0o600,
    },
  );
  const updates = refs.map(
    ({ kind, name, commit }) => `create ${refPath(kind, name)} ${commit}
`,
  );
  const args = ["update-ref", "--stdin"] as const;
  const result = await mirror.git.run({ gitDir: directory, args, signal, input: updates.join("") });
  if (result.code !== 0) throw await mirrorFailure(mirror, "copying its refs", result);
  await markComplete(mirror, directory);
}
