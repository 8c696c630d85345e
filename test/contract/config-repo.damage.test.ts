// The git adapter after kills, power cuts and disk errors: what is left is whole or is made anew.
import { existsSync } from "node:fs";
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ConfigRepo } from "../../src/ports/config-repo.ts";
import { run } from "../lab/run.ts";
import { openGitMachine } from "./config-repo.machine.ts";
import type { GitMachine } from "./config-repo.machine.ts";

const never = new AbortController().signal;
const limitMs = 30_000;

let machine: GitMachine;
let repo: ConfigRepo;
let commit: string;

beforeEach(async () => {
  machine = await openGitMachine();
  repo = machine.repo();
  commit = await machine.remote.commitFiles({ "muster.yaml": "version: 1\n", "dir/file": "content\n" }, "first");
  await repo.fetch(limitMs, never);
});
afterEach(() => machine.close());

describe("the mirror", () => {
  it("is fetched into past the locks and half-written objects of a power cut", async () => {
    const leftovers = ["packed-refs.lock", "config.lock", "HEAD.lock", "shallow.lock", "refs/heads/main.lock"];
    for (const name of leftovers) await writeFile(join(machine.mirror, name), "");
    await mkdir(join(machine.mirror, "objects/pack"), { recursive: true });
    await writeFile(join(machine.mirror, "objects/pack/tmp_pack_Abc123"), "half");
    await mkdir(join(machine.mirror, "objects/tmp_objdir-incoming-x"), { recursive: true });
    const second = await machine.remote.commitFiles({ a: "2" }, "second");
    expect(await repo.fetch(limitMs, never)).toEqual({});
    expect(await repo.readFile(second, "a", never)).toBe("2");
    const left = await readdir(machine.mirror, { recursive: true });
    expect(left.filter((name) => /\.lock$|tmp_/.test(name))).toEqual([]);
  });

  it("with more refs than can be listed is an error: a torn last line must not read as another ref", async () => {
    const long = `${"x".repeat(220)}/v`;
    const refs = Array.from({ length: 64_530 }, (_, index) => `${commit} refs/tags/${long}${100_000 + index}`);
    await writeFile(
      join(machine.mirror, "packed-refs"),
      `# pack-refs with: peeled fully-peeled sorted \n${refs.join("\n")}\n`,
    );
    const tooLarge = { code: "command-output-too-large", transient: true };
    await expect(repo.refs(never)).rejects.toMatchObject(tooLarge);
    await expect(repo.refsContaining(commit, never)).rejects.toMatchObject(tooLarge);
  });

  it.each([
    ["an object is empty", async () => truncateObjects(() => true)],
    ["a ref is empty", async () => truncate(join(machine.mirror, "refs/heads/main"))],
    ["a ref is nonsense", async () => writeFile(join(machine.mirror, "refs/heads/main"), "\0\0\0\0")],
    ["its configuration is nonsense", async () => writeFile(join(machine.mirror, "config"), "[[[")],
    ["its configuration is gone", async () => rm(join(machine.mirror, "config"))],
    ["HEAD is gone", async () => rm(join(machine.mirror, "HEAD"))],
    ["HEAD is empty", async () => truncate(join(machine.mirror, "HEAD"))],
    ["all objects are gone", async () => rm(join(machine.mirror, "objects"), { recursive: true })],
    ["packed-refs is nonsense", async () => writeFile(join(machine.mirror, "packed-refs"), "garbage\n\0")],
    ["it never was completed", async () => rm(join(machine.mirror, "muster-source"))],
    ["there is a file in its place", replaceByFile],
  ])("is usable again after a fetch when %s", async (_what, damage) => {
    await damage();
    const second = await machine.remote.commitFiles({ a: "2" }, "second");
    const fresh = machine.repo();
    await fetchUntilWhole(fresh, second);
    expect((await fresh.refs(never)).map((ref) => ref.name)).toEqual(["main"]);
    expect(await fresh.readFile(second, "a", never)).toBe("2");
    expect(await readFile(join(await fresh.checkout(commit, never), "dir/file"), "utf8")).toBe("content\n");
  });

  it("that is damaged is told from a server that is away, is kept, and is said to be kept", async () => {
    await truncateObjects(() => true);
    await expect(repo.checkout(commit, never)).rejects.toMatchObject({
      code: "config-mirror-damaged",
      transient: true,
    });
    const { rebuilt } = await repo.fetch(limitMs, never);
    expect(rebuilt).toContain("damaged");
    expect(rebuilt).toContain(`${machine.mirror}.aside`);
    expect(existsSync(`${machine.mirror}.aside/HEAD`)).toBe(true);
    expect(await repo.fetch(limitMs, never)).toEqual({});
    expect(existsSync(`${machine.mirror}.new`)).toBe(false);
  });

  it("stays as it is while the server that would replace it is away", async () => {
    await truncateObjects((size) => size > 0);
    await expect(repo.checkout(commit, never)).rejects.toMatchObject({ code: "config-mirror-damaged" });
    await machine.cutOff();
    await expect(repo.fetch(limitMs, never)).rejects.toMatchObject({ code: "config-repo-not-found" });
    expect(existsSync(join(machine.mirror, "HEAD"))).toBe(true);
  });

  it("of another URL counts as none and is replaced", async () => {
    const other = await openGitMachine();
    try {
      const theirs = await other.remote.commitFiles({ "muster.yaml": "other\n" }, "other");
      const moved = machine.repo({ url: other.source.url });
      expect(await moved.hasMirror(never)).toBe(false);
      expect((await moved.fetch(limitMs, never)).rebuilt).toMatch(/another URL/);
      expect(await moved.readFile(theirs, "muster.yaml", never)).toBe("other\n");
      expect(await moved.findCommit(commit, never)).toBeUndefined();
      expect(await repo.hasMirror(never)).toBe(false);
    } finally {
      await other.close();
    }
  });
});

describe("a worktree", () => {
  it.each([
    ["a file was changed", async (tree: string) => writeFile(join(tree, "muster.yaml"), "evil")],
    ["a file was changed, with the same size and time", changeSecretly],
    ["a file is gone", async (tree: string) => rm(join(tree, "dir/file"))],
    ["a file is empty", async (tree: string) => truncate(join(tree, "dir/file"))],
    ["a file was added", async (tree: string) => writeFile(join(tree, "dir/extra"), "x")],
    ["an ignored file was added", addIgnored],
    ["a file was changed, and an index beside it says that it was not", changeWithIndex],
    ["a `.git` was added", async (tree: string) => mkdir(join(tree, ".git"))],
    ["a `.git` was added further down", async (tree: string) => writeFile(join(tree, "dir/.git"), "gitdir: /x\n")],
    ["an empty directory was added", async (tree: string) => mkdir(join(tree, "extra"))],
    ["a file may be run", async (tree: string) => chmod(join(tree, "dir/file"), 0o755)],
    ["a file may be written by all", async (tree: string) => chmod(join(tree, "dir/file"), 0o666)],
    ["a file became a link to another with the same content", changeToLink],
    ["a directory became a link to another with the same content", changeDirectoryToLink],
    ["the tree itself became a link", async (tree: string) => changePlace(tree)],
    ["all of it is gone but the directory", async (tree: string) => rm(tree, { recursive: true })],
  ])("is made anew when %s", async (_what, damage) => {
    const tree = await repo.checkout(commit, never);
    await damage(tree);
    expect(await machine.repo().checkout(commit, never)).toBe(tree);
    expect(await filesOf(tree)).toEqual({ "muster.yaml": "version: 1\n", "dir/file": "content\n" });
  });

  it("that is whole is left alone", async () => {
    const tree = await repo.checkout(commit, never);
    const before = await stat(join(tree, "muster.yaml"));
    await repo.checkout(commit, never);
    expect((await stat(join(tree, "muster.yaml"))).ino).toBe(before.ino);
  });

  it("that was left half made is of no consequence, and prune takes it away", async () => {
    await mkdir(join(machine.worktrees, `.new-${commit}/tree`), { recursive: true });
    await writeFile(join(machine.worktrees, `.new-${commit}/tree/half`), "");
    await repo.prune([commit], never);
    expect(await readdir(machine.worktrees)).toEqual([]);
    const tree = await repo.checkout(commit, never);
    expect(await filesOf(tree)).toEqual({ "muster.yaml": "version: 1\n", "dir/file": "content\n" });
  });

  it("that cannot be compared with its commit is not used", async () => {
    await repo.checkout(commit, never);
    await truncateObjects(() => true);
    await expect(repo.checkout(commit, never)).rejects.toMatchObject({ code: "config-mirror-damaged" });
  });

  it("with links and programs is left alone while it is whole", async () => {
    await symlink("dir/file", join(machine.work, "link"));
    await writeFile(join(machine.work, "program"), "#!/bin/sh\n", { mode: 0o755 });
    const second = await machine.remote.commitFiles({ "a b/ü": "x" }, "second");
    await repo.fetch(limitMs, never);
    const tree = await repo.checkout(second, never);
    const before = await stat(join(tree, "program"));
    await repo.checkout(second, never);
    expect((await stat(join(tree, "program"))).ino).toBe(before.ino);
    await symlink("/etc/passwd", join(tree, "link2"));
    await rename(join(tree, "link2"), join(tree, "link"));
    await repo.checkout(second, never);
    expect(await readlink(join(tree, "link"))).toBe("dir/file");
  });

  it("is refused in words when its directory cannot be written", async () => {
    await writeFile(machine.worktrees, "a file where the directory should be");
    await expect(repo.checkout(commit, never)).rejects.toMatchObject({ code: "state-write-failed", transient: true });
  });
});

/** What the stage does: a fetch, and another one when what it fetched turns out not to be readable. */
async function fetchUntilWhole(fresh: ConfigRepo, wanted: string): Promise<void> {
  await fresh.fetch(limitMs, never);
  try {
    await fresh.refs(never);
    await fresh.readFile(wanted, "a", never);
    await fresh.checkout(commit, never);
  } catch (error) {
    expect(error).toMatchObject({ code: "config-mirror-damaged" });
    await fresh.fetch(limitMs, never);
  }
}

async function truncateObjects(which: (size: number) => boolean): Promise<void> {
  const objects = join(machine.mirror, "objects");
  for (const name of await readdir(objects, { recursive: true })) {
    const { size } = await stat(join(objects, name));
    if (/^[0-9a-f]{2}\/|\.pack$/.test(name) && which(size)) await truncate(join(objects, name));
  }
}

async function replaceByFile(): Promise<void> {
  await rm(machine.mirror, { recursive: true });
  await writeFile(machine.mirror, "");
}

async function changeSecretly(tree: string): Promise<void> {
  const path = join(tree, "dir/file");
  const { atime, mtime } = await stat(path);
  await writeFile(path, "CONTENT\n");
  await utimes(path, atime, mtime);
}

/** As `git update-index --assume-unchanged` leaves it, with sizes and times that fit. */
async function changeWithIndex(tree: string): Promise<void> {
  const env = { GIT_INDEX_FILE: join(tree, "../index") };
  const git = ["git", `--git-dir=${machine.mirror}`, `--work-tree=${tree}`];
  await run([...git, "read-tree", commit], { env });
  await run([...git, "update-index", "--refresh"], { env });
  await run([...git, "update-index", "--assume-unchanged", "dir/file"], { env });
  await changeSecretly(tree);
}

async function changeToLink(tree: string): Promise<void> {
  await rename(join(tree, "dir/file"), join(machine.directory, "same"));
  await symlink(join(machine.directory, "same"), join(tree, "dir/file"));
}

async function changeDirectoryToLink(tree: string): Promise<void> {
  await rename(join(tree, "dir"), join(machine.directory, "same"));
  await symlink(join(machine.directory, "same"), join(tree, "dir"));
}

async function changePlace(tree: string): Promise<void> {
  await rename(tree, join(machine.directory, "same"));
  await symlink(join(machine.directory, "same"), tree);
}

async function addIgnored(tree: string): Promise<void> {
  await writeFile(join(tree, ".gitignore"), "*\n");
}

async function filesOf(tree: string): Promise<Record<string, string>> {
  const entries = await readdir(tree, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(
    files.map(async (path) => [path.slice(tree.length + 1), await readFile(path, "utf8")] as const),
  );
  return Object.fromEntries(contents.toSorted(([a], [b]) => (a > b ? -1 : 1)));
}
