// The git adapter with a mirror that somebody else has written into: an image, a backup, a hand.
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
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

it("obeys nothing that somebody wrote into the mirror's configuration, and believes no graft or replacement", async () => {
  const program = join(machine.directory, "evil");
  const allowedSignersFile = join(machine.directory, "signers");
  await writeFile(allowedSignersFile, `a@b ${await readFile(`${machine.signingKey}.pub`, "utf8")}`);
  const first = await machine.remote.commitFiles({ a: "1", ".gitattributes": "* filter=evil\n" }, "first", {
    sign: true,
  });
  const second = await machine.remote.commitFiles({ a: "2" }, "second", { sign: true });
  const strict = machine.repo({ allowedSignersFile });
  await strict.fetch(limitMs, never);
  const evil = `[core]\n\tfsmonitor = touch ${proof}\n\tworktree = /\n[filter "evil"]\n\tsmudge = touch ${proof}\n\tclean = touch ${proof}\n[gpg "ssh"]\n\tprogram = ${program}\n`;
  await writeFile(program, `#!/bin/sh\ntouch ${proof}\necho 'Good "git" signature for evil'\n`, { mode: 0o755 });
  const plant = async () => {
    await writeFile(join(machine.mirror, "config"), evil);
    await writeFile(join(machine.mirror, "config.worktree"), evil);
    await mkdir(join(machine.mirror, "info"), { recursive: true });
    await writeFile(join(machine.mirror, "info/attributes"), "* filter=evil\n");
    // Without a parent: second would descend from nothing.
    await writeFile(join(machine.mirror, "info/grafts"), `${second}\n`);
    await writeFile(join(machine.mirror, "shallow"), `${second}\n`);
    await mkdir(join(machine.mirror, "refs/replace"), { recursive: true });
    await writeFile(join(machine.mirror, "refs/replace", first), `${second}\n`);
    await writeFile(join(machine.mirror, "objects/info/alternates"), `${machine.bare}/objects\n`);
  };
  const elsewhere = (await run(["git", "-C", machine.bare, "hash-object", "-w", "--stdin"], { input: "elsewhere" }))
    .stdout;
  await plant();
  expect(await strict.signature(second, never)).toEqual({ kind: "good", signer: "a@b" });
  await plant();
  expect(await strict.isAncestor(first, second, never)).toBe(true);
  await plant();
  const tree = await strict.checkout(second, never);
  expect(await readFile(join(tree, "a"), "utf8")).toBe("2");
  await plant();
  expect(await strict.fetch(limitMs, never)).toEqual({});
  await plant();
  await strict.prune([second], never);
  const has = await run(["git", `--git-dir=${machine.mirror}`, "cat-file", "-e", elsewhere.trim()], { check: false });
  expect(has.code, "an object of the repository that alternates named").not.toBe(0);
  expect(existsSync(proof)).toBe(false);
});

it("takes no name in the mirror that stands for another one", async () => {
  const first = await machine.remote.commitFiles({ a: "1" }, "first");
  const second = await machine.remote.commitFiles({ a: "2" }, "second", { branch: "topic" });
  await repo.fetch(limitMs, never);
  await writeFile(join(machine.mirror, "refs/heads/main"), "ref: refs/heads/topic\n");
  expect((await repo.refs(never)).map(({ name }) => name)).toEqual(["topic"]);
  await repo.fetch(limitMs, never);
  const refs = (await repo.refs(never)).map(({ name, commit }) => [name, commit]);
  expect(refs).toEqual([
    ["main", first],
    ["topic", second],
  ]);
});
