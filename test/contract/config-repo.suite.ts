// What every config repo has to do. Who pushes to the server is the harness's: real git, or the fake's memory.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ConfigRepo, RepoRef } from "../../src/ports/config-repo.ts";
import type { GitRepository } from "../lab/services/git-repository.ts";

export type Remote = Pick<
  GitRepository,
  "commitFiles" | "commitSubmodule" | "rewrite" | "setBranch" | "deleteBranch" | "tag"
>;

export type ConfigRepoMachine = {
  readonly remote: Remote;
  readonly repo: ConfigRepo;
  /** The server cannot be reached any more. */
  cutOff(): Promise<void>;
  close(): Promise<void>;
};

const never = new AbortController().signal;
const limitMs = 30_000;

export function configRepoSuite(name: string, open: () => Promise<ConfigRepoMachine>): void {
  describe(`config repo: ${name}`, () => {
    let machine: ConfigRepoMachine;
    let remote: Remote;
    let repo: ConfigRepo;
    beforeEach(async () => {
      machine = await open();
      ({ remote, repo } = machine);
    });
    afterEach(() => machine.close());

    const fetch = () => repo.fetch(limitMs, never);
    const head = (name: string) => repo.headOnServer(name, limitMs, never);
    const names = async () => kindsAndNames(await repo.refs(never));

    it("has no mirror before the first fetch and one after it", async () => {
      await remote.commitFiles({ a: "1" }, "first");
      expect(await repo.hasMirror(never)).toBe(false);
      expect(await fetch()).toEqual({});
      expect(await repo.hasMirror(never)).toBe(true);
    });

    it("follows branches and tags as they come, move and go", async () => {
      const first = await remote.commitFiles({ a: "1" }, "first");
      await remote.tag("v1");
      await remote.setBranch("release", first);
      await fetch();
      expect(await names()).toEqual(["branch main", "branch release", "tag v1"]);
      // A branch that becomes a folder of branches: both cannot exist at once.
      await remote.deleteBranch("release");
      await remote.setBranch("release/1.0", first);
      const second = await remote.rewrite({ a: "2" }, "second");
      await remote.tag("v1");
      await fetch();
      expect(await names()).toEqual(["branch main", "branch release/1.0", "tag v1"]);
      const refs = await repo.refs(never);
      expect(refs.find((ref) => ref.name === "v1")?.commit).toBe(second);
      expect(refs.find((ref) => ref.name === "release/1.0")?.commit).toBe(first);
    });

    it("tells where a branch or tag is on the server, and leaves the mirror as it is", async () => {
      const first = await remote.commitFiles({ a: "1" }, "first");
      await fetch();
      const second = await remote.commitFiles({ a: "2" }, "second");
      await remote.tag("v1", first);
      await remote.setBranch("release/main", first);
      expect(await head("main")).toBe(second);
      expect(await head("v1")).toBe(first);
      expect(await head("release/main")).toBe(first);
      expect(await head("nothing")).toBeUndefined();
      expect(await names()).toEqual(["branch main"]);
      await remote.setBranch("v1", second);
      expect(await head("v1"), "a branch and a tag that differ: the branch").toBe(second);
      expect(await head("heads/v1")).toBe(second);
      expect(await head("tags/v1")).toBe(first);
    });

    it("finds a commit by its id, whole or abbreviated, and by nothing else", async () => {
      const commit = await remote.commitFiles({ a: "1" }, "first");
      await remote.setBranch("abcdef0", commit);
      await fetch();
      expect(await repo.findCommit(commit, never)).toBe(commit);
      expect(await repo.findCommit(commit.slice(0, 7), never)).toBe(commit);
      const others = ["0".repeat(40), commit.slice(0, 6), "main", "abcdef0", "HEAD", `${commit}^`, "--all", ""];
      for (const id of others) expect([id, await repo.findCommit(id, never)]).toEqual([id, undefined]);
    });

    it("knows what contains a commit and what it descends from", async () => {
      const first = await remote.commitFiles({ a: "1" }, "first");
      const side = await remote.commitFiles({ b: "1" }, "side", { branch: "side" });
      const second = await remote.commitFiles({ a: "2" }, "second");
      await fetch();
      expect(kindsAndNames(await repo.refsContaining(first, never))).toEqual(["branch main", "branch side"]);
      expect(kindsAndNames(await repo.refsContaining(second, never))).toEqual(["branch main"]);
      expect(await repo.isAncestor(first, first, never)).toBe(true);
      expect(await repo.isAncestor(first, second, never)).toBe(true);
      expect(await repo.isAncestor(second, first, never)).toBe(false);
      expect(await repo.isAncestor(side, second, never)).toBe(false);
      expect(await repo.isAncestor("0".repeat(40), second, never)).toBe(false);
    });

    it("reads a file of a commit, not of the branch", async () => {
      const first = await remote.commitFiles({ "muster.yaml": "one\n", "dir/file": "x" }, "first\n\nmore words");
      await remote.commitFiles({ "muster.yaml": "two\n" }, "second");
      await fetch();
      expect(await repo.readFile(first, "muster.yaml", never)).toBe("one\n");
      expect(await repo.readFile(first, "dir/file", never)).toBe("x");
      expect(await repo.readFile(first, "dir", never)).toBeUndefined();
      expect(await repo.readFile(first, "missing", never)).toBeUndefined();
      expect(await repo.readFile(first, "*.yaml", never)).toBeUndefined();
      const head = await repo.headOf(first, never);
      expect(head.subject).toBe("first");
      expect(head.author).not.toBe("");
      expect(new Date(head.committedAt).toISOString()).toBe(head.committedAt);
      expect(await repo.signature(first, never)).toEqual({ kind: "none" });
    });

    it("refuses a file of more than 1 MiB", async () => {
      const commit = await remote.commitFiles(
        { big: "x".repeat(1024 * 1024 + 1), fits: "x".repeat(1024 * 1024) },
        "big",
      );
      await fetch();
      await expect(repo.readFile(commit, "big", never)).rejects.toMatchObject({ code: "config-file-too-large" });
      expect((await repo.readFile(commit, "fits", never))?.length).toBe(1024 * 1024);
    });

    it("tells where a commit holds a submodule or an LFS pointer and no content", async () => {
      const pointer = lfsPointer();
      const files = {
        "modules/a/files/big.deb": pointer,
        "modules/a/files/extended.deb": pointer.replace("oid", `ext-0-foo sha256:${"b".repeat(64)}\noid`),
        "modules/a/files/old.deb": pointer.replace("git-lfs", "hawser"),
        "modules/a/files/windows.deb": pointer.replaceAll("\n", "\r\n"),
        "modules/a/README.md": `What a pointer looks like:\n${pointer}`,
        "modules/a/files/long": `${pointer}${"x".repeat(1024)}`,
        "modules/a/files/cut": pointer.slice(0, -30),
        "modules/a/files/other": pointer.replace("spec/v1", "spec/v2"),
        'modules/a/files/ümlaut \t"': pointer.replace("12345", "1"),
        "modules-old/big.deb": pointer,
        "elsewhere/big.deb": pointer,
      };
      await remote.commitFiles(files, "pointers");
      await remote.commitSubmodule("vendor", "submodule above");
      const commit = await remote.commitSubmodule("modules/apt", "submodule below");
      await fetch();
      const found = await repo.standIns(commit, ["modules", "vendor/modules", "absent"], never);
      expect(found.map(({ kind, path }) => `${kind} ${path}`).toSorted()).toEqual([
        "lfs-pointer modules/a/files/big.deb",
        "lfs-pointer modules/a/files/extended.deb",
        "lfs-pointer modules/a/files/old.deb",
        "lfs-pointer modules/a/files/windows.deb",
        'lfs-pointer modules/a/files/ümlaut \t"',
        "submodule modules/apt",
        "submodule vendor",
      ]);
      expect(await repo.standIns(commit, [], never)).toEqual([]);
      expect(await repo.standIns(commit, [""], never)).toHaveLength(9);
    });

    it("gives every commit a worktree of its own, the same each time, and keeps those it is told to", async () => {
      const first = await remote.commitFiles({ a: "1" }, "first");
      const second = await remote.commitFiles({ a: "2" }, "second");
      await fetch();
      const one = await repo.checkout(first, never);
      const two = await repo.checkout(second, never);
      expect(one).toMatch(/^\//);
      expect(two).not.toBe(one);
      expect(await repo.checkout(first, never)).toBe(one);
      await repo.prune([second], never);
      expect(await repo.checkout(second, never)).toBe(two);
      expect(await repo.checkout(first, never)).toBe(one);
    });

    it("works on with what it has when the server is away", async () => {
      const commit = await remote.commitFiles({ a: "1" }, "first");
      await fetch();
      await machine.cutOff();
      await expect(fetch()).rejects.toMatchObject({ transient: true });
      expect(await repo.hasMirror(never)).toBe(true);
      expect(await names()).toEqual(["branch main"]);
      expect(await repo.readFile(commit, "a", never)).toBe("1");
      await repo.checkout(commit, never);
    });

    it("has no mirror after a first fetch that failed", async () => {
      await machine.cutOff();
      await expect(fetch()).rejects.toMatchObject({ transient: true });
      expect(await repo.hasMirror(never)).toBe(false);
    });

    it("lends a scratch copy that knows what the mirror knows and changes nothing of it", async () => {
      await remote.commitFiles({ a: "1" }, "first");
      await fetch();
      const second = await remote.commitFiles({ a: "2" }, "second");
      const scratch = await repo.scratch(never);
      expect((await scratch.repo.refs(never)).map((ref) => ref.name)).toEqual(["main"]);
      await scratch.repo.fetch(limitMs, never);
      expect(await scratch.repo.readFile(second, "a", never)).toBe("2");
      await scratch.dispose();
      expect(await repo.findCommit(second, never)).toBeUndefined();
      expect((await repo.refs(never))[0]?.commit).not.toBe(second);
    });

    it("stops at once when it is told to", async () => {
      const reason = new Error("enough");
      await expect(repo.fetch(limitMs, AbortSignal.abort(reason))).rejects.toBe(reason);
    });
  });
}

/** As `git lfs pointer` writes it (git-lfs, docs/spec.md). */
function lfsPointer(): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${"4d7a2146".repeat(8)}\nsize 12345\n`;
}

function kindsAndNames(refs: readonly RepoRef[]): string[] {
  return refs.map((ref) => `${ref.kind} ${ref.name}`).toSorted();
}
