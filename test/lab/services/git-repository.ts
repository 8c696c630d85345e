import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { run } from "../run.ts";

export interface CommitOptions {
  /** `main` when not given; created from `main` when it is not there yet. */
  branch?: string;
  /** Signs the commit with the lab's ssh signing key. */
  sign?: boolean;
}

/** One repository on the lab's git server, as the people who push to it see it. */
export interface GitRepository {
  readonly name: string;
  /** Writes these files (null deletes one), commits, pushes; returns the commit. */
  commitFiles(files: Record<string, string | null>, message: string, options?: CommitOptions): Promise<string>;
  /** Makes the branch's content that of a directory, commits, pushes; returns the commit. */
  commitDirectory(source: string, message: string, options?: CommitOptions): Promise<string>;
  /** Makes a path of the branch a submodule, commits, pushes; returns the commit. */
  commitSubmodule(path: string, message: string, options?: CommitOptions): Promise<string>;
  /** Replaces the branch's last commit by another one and pushes by force: history is rewritten. */
  rewrite(files: Record<string, string | null>, message: string, options?: CommitOptions): Promise<string>;
  /** Points a branch at a commit, by force. */
  setBranch(branch: string, commit: string): Promise<void>;
  deleteBranch(branch: string): Promise<void>;
  /** Sets a tag, by force; on the head of main when no commit is given. */
  tag(name: string, commit?: string): Promise<void>;
  head(branch?: string): Promise<string>;
}

export interface GitRepositoryOptions {
  name: string;
  /** The bare repository that the server serves. */
  bare: string;
  /** A clone to work in. */
  work: string;
  /** Private ssh key that signs commits. */
  signingKey: string;
}

/** Creates the bare repository, empty, and a clone to commit from. */
export async function createGitRepository(options: GitRepositoryOptions): Promise<GitRepository> {
  const { name, bare, work, signingKey } = options;
  await run(["git", "init", "--quiet", "--bare", "--initial-branch=main", bare], { env });
  // Instances may fetch any commit that a branch or tag reaches, as on the large hosting sites.
  await run(["git", "-C", bare, "config", "uploadpack.allowReachableSHA1InWant", "true"], { env });
  await run(["git", "init", "--quiet", "--initial-branch=main", work], { env });
  const git = async (...args: string[]) => (await run(["git", "-C", work, ...args], { env })).stdout.trim();
  await git("remote", "add", "origin", bare);
  await git("config", "gpg.format", "ssh");
  await git("config", "user.signingKey", signingKey);

  async function head(branch = "main"): Promise<string> {
    return (await run(["git", "-C", bare, "rev-parse", "--verify", `refs/heads/${branch}`], { env })).stdout.trim();
  }

  async function checkOut(branch: string): Promise<void> {
    await git("fetch", "--quiet", "--force", "origin", "+refs/heads/*:refs/remotes/origin/*");
    const from = [`origin/${branch}`, "origin/main"];
    for (const start of from) {
      const { code } = await run(["git", "-C", work, "rev-parse", "--quiet", "--verify", start], { env, check: false });
      if (code === 0) return void (await git("checkout", "--quiet", "--force", "-B", branch, start));
    }
    // The very first commit: there is nothing to start from.
    await git("symbolic-ref", "HEAD", `refs/heads/${branch}`);
  }

  async function commit(message: string, options: CommitOptions, extra: readonly string[] = []): Promise<string> {
    await git("add", "--all");
    const sign = options.sign ? "--gpg-sign" : "--no-gpg-sign";
    await git("commit", "--quiet", "--allow-empty", sign, ...extra, "--message", message);
    await git("push", "--quiet", "--force", "origin", "HEAD");
    return git("rev-parse", "HEAD");
  }

  return {
    name,
    head,
    async commitSubmodule(path, message, commitOptions = {}) {
      await checkOut(commitOptions.branch ?? "main");
      await mkdir(join(work, path), { recursive: true });
      await git("update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},${path}`);
      return commit(message, commitOptions);
    },
    async commitFiles(files, message, commitOptions = {}) {
      await checkOut(commitOptions.branch ?? "main");
      await writeFiles(work, files);
      return commit(message, commitOptions);
    },
    async commitDirectory(source, message, commitOptions = {}) {
      await checkOut(commitOptions.branch ?? "main");
      await git("rm", "-r", "--quiet", "--force", "--ignore-unmatch", ".");
      await cp(source, work, { recursive: true, filter: (path) => !path.endsWith("/.git") });
      return commit(message, commitOptions);
    },
    async rewrite(files, message, commitOptions = {}) {
      await checkOut(commitOptions.branch ?? "main");
      await writeFiles(work, files);
      return commit(message, commitOptions, ["--amend"]);
    },
    async setBranch(branch, target) {
      await git("push", "--quiet", "--force", "origin", `${target}:refs/heads/${branch}`);
    },
    async deleteBranch(branch) {
      await git("push", "--quiet", "origin", `:refs/heads/${branch}`);
    },
    async tag(tag, target) {
      await git("push", "--quiet", "--force", "origin", `${target ?? (await head())}:refs/tags/${tag}`);
    },
  };
}

async function writeFiles(root: string, files: Record<string, string | null>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const target = join(root, path);
    if (content === null) {
      await rm(target, { recursive: true });
      continue;
    }
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
  }
}

/** The configuration and identity of whoever runs the tests must not matter. */
const env = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "Lab",
  GIT_AUTHOR_EMAIL: "lab@example.internal",
  GIT_COMMITTER_NAME: "Lab",
  GIT_COMMITTER_EMAIL: "lab@example.internal",
};
