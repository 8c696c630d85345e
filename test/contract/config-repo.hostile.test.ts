// The git adapter against a repo whose content, refs or server are somebody's attempt to run code or to get at files.
import { existsSync } from "node:fs";
import { chmod, lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGitConfigRepo } from "../../src/adapters/git/config-repo.ts";
import type { ConfigRepo } from "../../src/ports/config-repo.ts";
import { run } from "../lab/run.ts";
import { openGitMachine } from "./config-repo.machine.ts";
import type { GitMachine } from "./config-repo.machine.ts";

const never = new AbortController().signal;
const limitMs = 30_000;

let machine: GitMachine;
let repo: ConfigRepo;
/** Whatever runs makes this file. */
let proof: string;

beforeEach(async () => {
  machine = await openGitMachine();
  repo = machine.repo();
  proof = join(machine.directory, "proof");
});
afterEach(() => machine.close());

describe("the content of a repo", () => {
  it("runs nothing: filters, hooks, merge drivers, submodules, fsmonitor", async () => {
    await machine.remote.commitFiles(
      {
        ".gitattributes": "* filter=evil diff=evil merge=evil\n*.bin filter=lfs diff=lfs -text\n",
        ".gitconfig": config(proof),
        ".gitmodules": `[submodule "s"]\n\tpath = s\n\turl = ${machine.bare}\n`,
        ".lfsconfig": "[lfs]\n\turl = http://127.0.0.1:1/\n",
        "hooks/post-checkout": `#!/bin/sh\ntouch ${proof}\n`,
        "big.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
      },
      "hostile",
    );
    await run(["git", "-C", machine.work, "update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},s`]);
    const commit = await commitIndex("submodule");
    await repo.fetch(limitMs, never);
    const tree = await repo.checkout(commit, never);
    expect(await repo.checkout(commit, never)).toBe(tree);
    await repo.prune([commit], never);
    expect(await readFile(join(tree, "big.bin"), "utf8")).toContain("git-lfs");
    expect(await readdir(join(tree, "s"))).toEqual([]);
    expect(existsSync(proof)).toBe(false);
  });

  it("runs nothing of the machine's or a user's git configuration either", async () => {
    const home = join(machine.directory, "home");
    await mkdir(join(home, ".config/git"), { recursive: true });
    await writeFile(join(home, ".gitconfig"), config(proof));
    await writeFile(join(home, ".config/git/config"), config(proof));
    await writeFile(join(home, ".config/git/attributes"), "* filter=evil\n");
    const before = { ...process.env };
    Object.assign(process.env, {
      HOME: home,
      GIT_CONFIG_GLOBAL: join(home, ".gitconfig"),
      GIT_EXTERNAL_DIFF: `touch ${proof}`,
      GIT_SSH_COMMAND: `touch ${proof}`,
      GIT_PROXY_COMMAND: `touch ${proof}`,
    });
    try {
      const commit = await machine.remote.commitFiles({ a: "1", ".gitattributes": "* filter=evil\n" }, "plain");
      await repo.fetch(limitMs, never);
      await repo.checkout(commit, never);
    } finally {
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      Object.assign(process.env, before);
    }
    expect(existsSync(proof)).toBe(false);
  });

  it("runs no hook that somebody put into the mirror", async () => {
    await machine.remote.commitFiles({ a: "1" }, "first");
    await repo.fetch(limitMs, never);
    await mkdir(join(machine.mirror, "hooks"));
    for (const hook of ["reference-transaction", "post-checkout", "post-index-change", "pre-auto-gc", "post-merge"]) {
      await writeFile(join(machine.mirror, "hooks", hook), `#!/bin/sh\ntouch ${proof}\n`);
      await chmod(join(machine.mirror, "hooks", hook), 0o755);
    }
    const commit = await machine.remote.commitFiles({ a: "2" }, "second");
    await repo.fetch(limitMs, never);
    await repo.checkout(commit, never);
    await repo.prune([commit], never);
    expect(existsSync(proof)).toBe(false);
  });

  it("reaches no file through a symbolic link", async () => {
    await writeFile(join(machine.directory, "secret"), "secret");
    await machine.remote.commitFiles({ a: "1" }, "first");
    await symlink(join(machine.directory, "secret"), join(machine.work, "muster.yaml"));
    await symlink(machine.directory, join(machine.work, "outside"));
    await run(["git", "-C", machine.work, "add", "--all"]);
    const commit = await commitIndex("links");
    await repo.fetch(limitMs, never);
    expect(await repo.readFile(commit, "muster.yaml", never)).toBeUndefined();
    expect(await repo.readFile(commit, "outside/secret", never)).toBeUndefined();
    const tree = await repo.checkout(commit, never);
    expect((await lstat(join(tree, "outside"))).isSymbolicLink()).toBe(true);
    expect(await readlink(join(tree, "outside"))).toBe(machine.directory);
    expect(await repo.checkout(commit, never)).toBe(tree);
  });

  it.each([".git", ".GIT", "..", "git~1"])("is refused when it holds an entry named %s", async (name) => {
    await machine.remote.commitFiles({ a: "1" }, "first");
    const blob = (await git("hash-object", "-w", "a")).trim();
    const entry = Buffer.concat([Buffer.from(`100644 ${name}\0`), Buffer.from(blob, "hex")]);
    await writeFile(join(machine.directory, "entry"), entry);
    const tree = (await git("hash-object", "-w", "-t", "tree", "--literally", join(machine.directory, "entry"))).trim();
    const commit = (await git("commit-tree", tree, "-m", "evil")).trim();
    await git("push", "--quiet", "--force", "origin", `${commit}:refs/heads/main`);
    await expect(repo.fetch(limitMs, never)).rejects.toMatchObject({
      code: "config-content-refused",
      transient: false,
    });
    expect(await repo.hasMirror(never)).toBe(false);
  });

  it("is refused when its .gitmodules would run a program", async () => {
    const update = `[submodule "s"]\n\tpath = s\n\turl = ./s\n\tupdate = !touch ${proof}\n`;
    await machine.remote.commitFiles({ ".gitmodules": update }, "evil");
    await expect(repo.fetch(limitMs, never)).rejects.toMatchObject({ code: "config-content-refused" });
  });

  it("may belong to another user of this machine", async () => {
    const commit = await machine.remote.commitFiles({ a: "1" }, "first");
    await run(["chown", "-R", "12345:12345", machine.bare]);
    await repo.fetch(limitMs, never);
    expect(await repo.findCommit(commit, never)).toBe(commit);
  });

  it("may be odd in ways that do no harm: odd names, line endings, an empty tree", async () => {
    const commit = await machine.remote.commitFiles(
      {
        "-rf": "x",
        "a b/ü\n\t'\"": "y",
        ".gitattributes": "*.crlf text eol=crlf\n*.txt text\n",
        "a.crlf": "1\n",
        "b.txt": "1\r\n",
      },
      "odd",
    );
    const empty = await machine.remote.commitFiles(
      { "-rf": null, "a b": null, ".gitattributes": null, "a.crlf": null, "b.txt": null },
      "empty",
    );
    await repo.fetch(limitMs, never);
    const tree = await repo.checkout(commit, never);
    expect(await readFile(join(tree, "a b/ü\n\t'\""), "utf8")).toBe("y");
    expect(await repo.checkout(commit, never)).toBe(tree);
    expect(await readdir(await repo.checkout(empty, never))).toEqual([]);
  });
});

describe("the URL", () => {
  it.each([
    "ext::sh -c touch% /tmp/proof",
    "git://example.com/config.git",
    "ftp://example.com/config.git",
    "/srv/config.git",
    "-oProxyCommand=touch",
    "ssh://-oProxyCommand=touch/config.git",
    "-u:touch",
    "fd::7",
    "https://user:secret@example.com/config.git",
    "https:example.com/config.git",
    "",
  ])("%j is refused", (url) => {
    const places = { mirrorDirectory: "/nowhere", worktreeDirectory: "/nowhere", scratchDirectory: "/nowhere" };
    const make = () => createGitConfigRepo({ source: { ...machine.source, url }, ...places });
    expect(make).toThrow(expect.objectContaining({ code: "config-url-invalid" }) as Error);
    expect(make).not.toThrow(/secret/);
  });
});

/** Configuration that would run a program at every turn. */
function config(proof: string): string {
  const touch = `touch ${proof}`;
  return `[core]
\tfsmonitor = ${touch}
\tsshCommand = ${touch}
\taskPass = ${touch}
\tpager = ${touch}
[filter "evil"]
\tsmudge = ${touch}
\tclean = ${touch}
\tprocess = ${touch}
[filter "lfs"]
\tsmudge = ${touch}
[credential]
\thelper = !${touch}
[uploadpack]
\tpackObjectsHook = ${touch}
`;
}

async function git(...words: string[]): Promise<string> {
  const identity = {
    GIT_AUTHOR_NAME: "a",
    GIT_AUTHOR_EMAIL: "a@b",
    GIT_COMMITTER_NAME: "a",
    GIT_COMMITTER_EMAIL: "a@b",
  };
  return (await run(["git", "-C", machine.work, ...words], { env: identity })).stdout;
}

async function commitIndex(message: string): Promise<string> {
  await git("commit", "--quiet", "--message", message);
  await git("push", "--quiet", "--force", "origin", "HEAD:refs/heads/main");
  return (await git("rev-parse", "HEAD")).trim();
}
