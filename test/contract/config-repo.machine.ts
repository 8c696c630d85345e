// A git server in a directory, and the state directory of one host: for the tests of the git adapter.
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGitConfigRepo } from "../../src/adapters/git/config-repo.ts";
import type { ConfigSource } from "../../src/domain/settings/settings.ts";
import type { ConfigRepo } from "../../src/ports/config-repo.ts";
import { createGitRepository } from "../lab/services/git-repository.ts";
import type { GitRepository } from "../lab/services/git-repository.ts";
import { run } from "../lab/run.ts";

export type GitMachine = {
  readonly directory: string;
  readonly remote: GitRepository;
  /** The bare repository that is served. */
  readonly bare: string;
  /** The clone that `remote` commits from. */
  readonly work: string;
  readonly mirror: string;
  readonly worktrees: string;
  readonly signingKey: string;
  readonly source: ConfigSource;
  /** A config repo of this host as a new process has it. */
  repo(change?: Partial<ConfigSource>): ConfigRepo;
  cutOff(): Promise<void>;
  close(): Promise<void>;
};

export async function openGitMachine(): Promise<GitMachine> {
  const directory = await mkdtemp(join(tmpdir(), "muster-test-"));
  const at = (name: string) => join(directory, name);
  const signingKey = at("signing-key");
  await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", signingKey]);
  await mkdir(at("server"));
  const bare = at("server/config.git");
  const work = at("work");
  const remote = await createGitRepository({ name: "config", bare, work, signingKey });
  const source: ConfigSource = {
    url: `file://${bare}`,
    ref: "main",
    refs: ["**"],
    deadlineMs: 30_000,
    allowRewrite: false,
  };
  const places = {
    mirrorDirectory: at("state/mirror"),
    worktreeDirectory: at("state/worktrees"),
    scratchDirectory: at("runtime"),
  };
  return {
    directory,
    remote,
    bare,
    work,
    mirror: places.mirrorDirectory,
    worktrees: places.worktreeDirectory,
    signingKey,
    source,
    repo: (change = {}) => createGitConfigRepo({ source: { ...source, ...change }, ...places }),
    cutOff: () => rename(bare, `${bare}.away`),
    close: () => rm(directory, { recursive: true, force: true }),
  };
}
