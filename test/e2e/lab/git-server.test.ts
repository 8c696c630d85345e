import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { startGitServer, type GitServer } from "../../lab/services/git-server.ts";
import type { GitRepository } from "../../lab/services/git-repository.ts";
import { type RunResult, run } from "../../lab/run.ts";

let work: string;
let server: GitServer;
let repo: GitRepository;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "muster-git-"));
  server = await startGitServer({ address: "127.66.1.3", dir: work });
  repo = await server.createRepo("ops/config");
  await repo.commitFiles({ "muster.yaml": "version: 1\n" }, "first");
});

afterAll(async () => {
  await server?.stop();
  await rm(work, { recursive: true, force: true });
});

beforeEach(async () => {
  await server.start();
});

describe.each(["http", "https", "ssh"] as const)("%s", (scheme) => {
  test("serves a clone of the last commit", async () => {
    const commit = await repo.commitFiles({ "data/a.yaml": `from: ${scheme}\n` }, `for ${scheme}`);
    const clone = join(work, `clone-${scheme}`);
    await git("clone", "--quiet", server.url(scheme, "ops/config"), clone);

    expect((await git("-C", clone, "rev-parse", "HEAD")).stdout.trim()).toBe(commit);
    expect(await readFile(join(clone, "data/a.yaml"), "utf8")).toBe(`from: ${scheme}\n`);
  });

  test("can be down and come back", async () => {
    await server.stop();
    await expect(heads(scheme)).rejects.toThrow(/Connection refused|Failed to connect/);

    await server.start();
    expect(await heads(scheme)).toContain("refs/heads/main");
  });

  test("can hang", async () => {
    await server.blackhole();
    await expect(
      run(["timeout", "1", "git", "ls-remote", server.url(scheme, "ops/config")], { env: gitEnv() }),
    ).rejects.toThrow("ended with 124");
  });
});

test("https is worth nothing without the lab's authority, ssh nothing without its key", async () => {
  const url = (scheme: "https" | "ssh") => server.url(scheme, "ops/config");
  await expect(
    run(["git", "ls-remote", url("https")], { env: { ...gitEnv(), GIT_SSL_CAINFO: otherAuthorities } }),
  ).rejects.toThrow("certificate");
  const stranger = { ...gitEnv(), GIT_SSH_COMMAND: sshCommand(server.files.hostKey) };
  await expect(run(["git", "ls-remote", url("ssh")], { env: stranger })).rejects.toThrow("Permission denied");
});

test("the ssh account serves git and nothing else", async () => {
  const ssh = sshCommand(server.files.sshKey).split(" ");
  for (const asked of ["id", "git-receive-pack '/ops/config.git'", "git-upload-pack '/../../etc'"]) {
    await expect(run([...ssh, `git@${server.address}`, asked])).rejects.toThrow("serves git fetches only");
  }
});

test("a token can be required", async () => {
  server.requireToken("s3cret");
  try {
    await expect(heads("http")).rejects.toThrow("could not read Username");
    const url = server.url("http", "ops/config").replace("://", "://muster:s3cret@");
    expect((await git("ls-remote", url)).stdout).toContain("refs/heads/main");
  } finally {
    server.requireToken(undefined);
  }
});

test("branches, tags and rewritten history", async () => {
  const first = await repo.commitFiles({ file: "1" }, "one", { branch: "release/1" });
  await repo.tag("v1", first);
  const second = await repo.rewrite({ file: "2", "muster.yaml": null }, "another one", { branch: "release/1" });

  expect(await heads("http")).toContain(`${second}\trefs/heads/release/1`);
  expect(await heads("http")).toContain(`${first}\trefs/tags/v1`);
  await expect(
    git("-C", join(work, "repositories/ops/config.git"), "merge-base", "--is-ancestor", first, second),
  ).rejects.toThrow("ended with 1");
  await repo.deleteBranch("release/1");
  expect(await heads("http")).not.toContain("release/1");
});

test("a signed commit is verified by the allowed signers, an unsigned one is not", async () => {
  const signed = await repo.commitFiles({ file: "signed" }, "signed", { branch: "signed", sign: true });
  const unsigned = await repo.commitFiles({ file: "unsigned" }, "unsigned", { branch: "signed" });

  expect((await verifyCommit(signed)).stderr).toContain('Good "git" signature for lab@example.internal');
  await expect(verifyCommit(unsigned)).rejects.toThrow("ended with 1");
});

async function verifyCommit(commit: string): Promise<RunResult> {
  const trusting = ["-c", "gpg.format=ssh", "-c", `gpg.ssh.allowedSignersFile=${server.files.allowedSigners}`];
  return git("-C", join(work, "repositories/ops/config.git"), ...trusting, "verify-commit", commit);
}

const otherAuthorities = "/etc/ssl/certs/ca-certificates.crt";

async function heads(scheme: "http" | "https" | "ssh"): Promise<string> {
  return (await git("ls-remote", server.url(scheme, "ops/config"))).stdout;
}

function git(...args: string[]): Promise<RunResult> {
  return run(["git", ...args], { env: gitEnv() });
}

function gitEnv(): Record<string, string> {
  return {
    LC_ALL: "C",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_SSL_CAINFO: server.files.ca,
    GIT_SSH_COMMAND: sshCommand(server.files.sshKey),
  };
}

function sshCommand(key: string): string {
  return `ssh -F /dev/null -o BatchMode=yes -o IdentitiesOnly=yes -o UserKnownHostsFile=${server.files.knownHosts} -i ${key}`;
}
