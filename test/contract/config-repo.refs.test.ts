// The git adapter against what others may push beside the refs that the settings allow: it is not fetched, and stops nobody.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join, normalize } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGitConfigRepo } from "../../src/adapters/git/config-repo.ts";
import { createCommandWatch } from "../../src/adapters/host/command-watch.ts";
import type { ConfigSource } from "../../src/domain/settings/settings.ts";
import { run } from "../lab/run.ts";
import { openGitMachine } from "./config-repo.machine.ts";
import type { GitMachine } from "./config-repo.machine.ts";

const never = new AbortController().signal;
const limitMs = 60_000;
const megabyte = 1024 * 1024;

let machine: GitMachine;
let commit: string;

beforeEach(async () => {
  machine = await openGitMachine();
  commit = await machine.remote.commitFiles({ "muster.yaml": "version: 1\n" }, "first");
});
afterEach(() => machine.close());

function repoAllowing(refs: readonly string[], change: Partial<ConfigSource> = {}, bytes = 100 * megabyte) {
  return createGitConfigRepo({
    source: { ...machine.source, refs, ...change },
    mirrorDirectory: machine.mirror,
    worktreeDirectory: machine.worktrees,
    scratchDirectory: join(machine.directory, "runtime"),
    limits: { refs: 100, bytes },
  });
}

async function git(args: readonly string[], input?: string): Promise<string> {
  return (await run(["git", ...args], input === undefined ? {} : { input })).stdout.trim();
}

/** An object that git's safety checks refuse: a tree with an entry called `.git`. */
async function badCommit(): Promise<string> {
  const blob = await git(["-C", machine.bare, "hash-object", "-w", "--stdin"], "evil");
  const file = join(machine.directory, "tree");
  await writeFile(file, Buffer.concat([Buffer.from("100644 .git\0"), Buffer.from(blob, "hex")]));
  const tree = await git(["-C", machine.bare, "hash-object", "-w", "-t", "tree", "--literally", file]);
  const body = `tree ${tree}\nparent ${commit}\nauthor a <a@b> 1 +0000\ncommitter a <a@b> 1 +0000\n\nbad\n`;
  return git(["-C", machine.bare, "hash-object", "-w", "-t", "commit", "--stdin"], body);
}

async function point(ref: string, object: string): Promise<void> {
  await git(["-C", machine.bare, "update-ref", ref, object]);
}

async function largeCommit(branch: string, bytes: number): Promise<string> {
  return machine.remote.commitFiles({ blob: randomBytes(bytes / 2).toString("hex") }, "large", { branch });
}

async function has(object: string): Promise<boolean> {
  return (await run(["git", `--git-dir=${machine.mirror}`, "cat-file", "-e", object], { check: false })).code === 0;
}

async function filesUnder(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

describe("what the settings do not allow", () => {
  it("is not fetched: another branch's bad object, its 2 MB of blob, a tag with the name of the branch", async () => {
    const bad = await badCommit();
    await point("refs/heads/main2", bad);
    await point("refs/tags/main", bad);
    const large = await largeCommit("topic", 2 * megabyte);
    const repo = repoAllowing(["heads/main", "tags/v*"], {}, megabyte);
    expect(await repo.fetch(limitMs, never)).toEqual({});
    expect(await repo.refs(never)).toEqual([{ kind: "branch", name: "main", commit }]);
    expect([await has(bad), await has(large)]).toEqual([false, false]);
  });

  it("that a mirror of an older muster holds is neither told nor kept", async () => {
    await machine.remote.setBranch("topic", await machine.remote.commitFiles({ a: "1" }, "topic", { branch: "topic" }));
    const topic = await machine.remote.head("topic");
    await machine.repo().fetch(limitMs, never);
    const repo = repoAllowing(["main"]);
    expect((await repo.refs(never)).map(({ name }) => name)).toEqual(["main"]);
    expect(await repo.refsContaining(topic, never)).toEqual([]);
    expect(await repoAllowing(["v*"]).hasMirror(never)).toBe(false);
    await repo.fetch(limitMs, never);
    expect((await machine.repo().refs(never)).map(({ name }) => name)).toEqual(["main"]);
  });
});

describe("another ref that is allowed", () => {
  it.each([
    [
      "holds a bad object",
      async () => point("refs/heads/release/bad", await badCommit()),
      /hasDotgit/,
      "config-content-refused",
    ],
    [
      "holds too much",
      async () => largeCommit("release/bad", 2 * megabyte),
      /has more than 1\.0 MiB/,
      "config-too-large",
    ],
  ])("and %s stops nobody who follows main, and is said", async (_what, push, words, code) => {
    await push();
    const repo = repoAllowing(["main", "release/*"], {}, megabyte);
    const { leftOut } = await repo.fetch(limitMs, never);
    expect(leftOut).toContain("only heads/main is up to date");
    expect(leftOut).toMatch(words);
    expect(await repo.refs(never)).toEqual([{ kind: "branch", name: "main", commit }]);
    const second = await machine.remote.commitFiles({ a: "2" }, "second");
    await repo.fetch(limitMs, never);
    expect((await repo.refs(never))[0]?.commit).toBe(second);
    await expect(repo.fetch(limitMs, never, "release/bad"), "wanted itself").rejects.toMatchObject({ code });
    await repo.fetch(limitMs, never);
    const files = await filesUnder(join(machine.mirror, "objects"));
    expect(files.filter((file) => /tmp_/.test(file))).toEqual([]);
  });

  it("a tag with the name of the branch, and with a bad object, stops nobody either", async () => {
    await point("refs/tags/main", await badCommit());
    const repo = repoAllowing(["main"]);
    expect((await repo.fetch(limitMs, never)).leftOut).toContain("only heads/main");
    expect(await repo.refs(never)).toEqual([{ kind: "branch", name: "main", commit }]);
  });

  it("is an error where it is the one that is wanted", async () => {
    await largeCommit("main", 2 * megabyte);
    const refused = { code: "config-too-large", transient: false };
    await expect(repoAllowing(["main"], {}, megabyte).fetch(limitMs, never)).rejects.toMatchObject(refused);
    expect(await repoAllowing(["main"]).fetch(limitMs, never)).toEqual({});
  });
});

it("a historic slip of an honest history is no reason to stop", async () => {
  const tree = await git(["-C", machine.bare, "rev-parse", `${commit}^{tree}`]);
  // As `git svn` and old importers wrote them: fsck calls these missingSpaceBeforeEmail, badDate, missingEmail.
  const authors = ["A U Thor<a@b> 1 +0000", "A U Thor <a@b> 01 +0000", "A U Thor 1 +0000"];
  for (const author of authors) {
    const body = `tree ${tree}\nauthor ${author}\ncommitter ${author}\n\nold\n`;
    const old = await git(["-C", machine.bare, "hash-object", "--literally", "-w", "-t", "commit", "--stdin"], body);
    await point("refs/heads/main", old);
    const repo = repoAllowing(["main"]);
    await repo.fetch(limitMs, never);
    expect([author, (await repo.refs(never))[0]?.commit]).toEqual([author, old]);
  }
});

async function pushMany(): Promise<void> {
  const refs = Array.from({ length: 23_000 }, (_, index) => `${commit} refs/heads/user/${100_000 + index}`);
  const packed = join(machine.bare, "packed-refs");
  await writeFile(packed, `# pack-refs with: peeled fully-peeled sorted \n${refs.join("\n")}\n`);
}

describe("23,000 refs", () => {
  it("beside what is allowed cost nothing", async () => {
    await pushMany();
    const repo = repoAllowing(["main", "v*"]);
    expect(await repo.fetch(limitMs, never)).toEqual({});
    expect(await repo.refs(never)).toHaveLength(1);
  });

  it("that are allowed are bounded, and neither the branch that is wanted nor one that is named is left out", async () => {
    await pushMany();
    const repo = repoAllowing(["main", "**"]);
    const { leftOut } = await repo.fetch(limitMs, never, "user/122222");
    expect(leftOut).toContain("allows 23001 branches and tags of the config repo, and 100 are fetched");
    const names = (await repo.refs(never)).map(({ name }) => name);
    expect(names).toHaveLength(100);
    expect(names).toEqual(expect.arrayContaining(["main", "user/122222", "user/100000"]));
    expect(await repo.refsContaining(commit, never)).toHaveLength(100);
    // As packed refs, and one pack: not a file each.
    expect((await filesUnder(machine.mirror)).length).toBeLessThan(20);
    // Another name is wanted: it takes the place of one that nobody asked for.
    await repo.fetch(limitMs, never, "user/111111");
    expect((await repo.refs(never)).map(({ name }) => name)).toContain("user/111111");
  });
});

it("asks the server once where nothing moved", async () => {
  const repo = repoAllowing(["main"]);
  const commands: string[] = [];
  const fetch = () =>
    createCommandWatch().during(
      (news) => void (news.type === "command-started" && commands.push(news.command)),
      () => repo.fetch(limitMs, never),
    );
  await fetch();
  expect(commands).toContain("git fetch");
  commands.length = 0;
  await fetch();
  expect(commands).toContain("git ls-remote");
  expect(commands).not.toContain("git fetch");
});

describe("a server of plain files (dumb http)", () => {
  let server: Server;

  beforeEach(async () => {
    server = createServer((request, response) => {
      const file = join(
        machine.directory,
        "server",
        normalize(decodeURIComponent(new URL(request.url ?? "", "http://x").pathname)),
      );
      readFile(file).then(
        (bytes) => void response.end(bytes),
        () => void response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(() => new Promise((resolve) => void server.close(resolve)));

  it("gives what is allowed, what is new of it, and no more", async () => {
    const topic = await machine.remote.commitFiles({ a: "1" }, "topic", { branch: "topic" });
    await machine.remote.tag("v1");
    await git(["-C", machine.bare, "update-server-info"]);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/config.git`;
    const repo = repoAllowing(["main", "tags/v*"], { url });
    await repo.fetch(limitMs, never);
    expect((await repo.refs(never)).map(({ kind, name }) => `${kind} ${name}`)).toEqual(["branch main", "tag v1"]);
    expect(await has(topic)).toBe(false);
    const second = await machine.remote.commitFiles({ b: "2" }, "second");
    await git(["-C", machine.bare, "repack", "-adq"]);
    await git(["-C", machine.bare, "update-server-info"]);
    await repo.fetch(limitMs, never);
    expect(await repo.readFile(second, "b", never)).toBe("2");
    expect(await repo.headOnServer("v1", limitMs, never)).toBe(commit);
    const tree = await repo.checkout(second, never);
    expect(existsSync(join(tree, "b"))).toBe(true);
  });
});

it("a branch that goes or moves between the list and the fetch is no failure", async () => {
  const repo = repoAllowing(["main", "release/*"]);
  await machine.remote.setBranch("release/1", commit);
  const second = await machine.remote.commitFiles({ a: "2" }, "second", { branch: "next" });
  let looks = 0;
  await createCommandWatch().during(
    (news) => {
      if (news.type !== "command-finished" || news.command !== "git ls-remote") return;
      looks += 1;
      if (looks > 1) return;
      execFileSync("git", ["-C", machine.bare, "update-ref", "-d", "refs/heads/release/1"]);
      execFileSync("git", ["-C", machine.bare, "update-ref", "refs/heads/main", second]);
    },
    () => repo.fetch(limitMs, never),
  );
  expect(looks).toBe(2);
  expect((await repo.refs(never)).map(({ name, commit: at }) => [name, at])).toEqual([["main", second]]);
});
