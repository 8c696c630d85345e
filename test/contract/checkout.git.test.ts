// What `muster check` learns of a checkout from real git.
import { existsSync } from "node:fs";
import { chown, cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { heldContent } from "../../src/adapters/git/checkout.ts";
import type { HeldContent } from "../../src/domain/role/held-content.ts";
import { run } from "../lab/run.ts";

const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"0123abcd".repeat(8)}\nsize 84977953\n`;

let place: string;
let checkout: string;

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "muster-test-"));
  checkout = join(place, "checkout");
  await mkdir(checkout);
});
afterEach(() => rm(place, { recursive: true, force: true }));

const git = (...args: readonly string[]) => run(["git", "-C", checkout, ...args]);

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(checkout, path)), { recursive: true });
    await writeFile(join(checkout, path), text);
  }
}

async function held(...paths: readonly string[]): Promise<HeldContent> {
  const answer = await heldContent(checkout, paths);
  if (answer === undefined || "unseen" in answer) throw new Error(`no answer: ${answer?.unseen ?? "no checkout"}`);
  return answer;
}

describe("a checkout", () => {
  beforeEach(async () => {
    await git("init", "--quiet");
  });

  it("holds what its index holds: committed or only added", async () => {
    await write({ "muster.yaml": "", "manifests/site.pp": "", "modules/a/manifests/init.pp": "" });
    await git("add", ".");
    expect(await held("muster.yaml", "manifests", "manifests/site.pp", "modules", "")).toEqual({
      ...{ standIns: [], notHeld: new Map(), leftOut: [] },
    });
  });

  it("tells why it does not hold a path, with the line that ignores it", async () => {
    await write({
      ".gitignore": "# installed\n/vendor/\n",
      "data/.gitignore": "*.yaml\n",
      "data/common.yaml": "",
      "vendor/modules/a/init.pp": "",
      "inside/modules/*/init.pp": "",
      "new/site.pp": "",
    });
    await write({ ".git/info/exclude": "inside/modules/*\n" });
    await mkdir(join(checkout, "empty/deep"), { recursive: true });
    await git("add", ".gitignore");
    const { notHeld } = await held("vendor/modules", "vendor", "data", "inside/modules", "new", "new/site.pp", "empty");
    expect(Object.fromEntries(notHeld)).toEqual({
      "vendor/modules": { kind: "ignored", by: ".gitignore:2 (/vendor/)" },
      vendor: { kind: "ignored", by: ".gitignore:2 (/vendor/)" },
      data: { kind: "not-added" },
      "inside/modules": { kind: "ignored", by: ".git/info/exclude:1 (inside/modules/*)" },
      new: { kind: "not-added" },
      "new/site.pp": { kind: "not-added" },
      empty: { kind: "empty" },
    });
  });

  it("is found by a path from where we are, too", async () => {
    await mkdir("tmp", { recursive: true });
    const here = await mkdtemp("tmp/checkout-");
    try {
      await cp(checkout, here, { recursive: true });
      await mkdir(join(here, "empty"));
      const answer = await heldContent(here, ["empty"]);
      expect(answer).toMatchObject({ notHeld: new Map([["empty", { kind: "empty" }]]) });
    } finally {
      await rm(here, { recursive: true, force: true });
    }
  });

  it("takes a path for itself, and for no pattern", async () => {
    await write({ "new1/site.pp": "" });
    await mkdir(join(checkout, "new*"));
    expect([...(await held("new*")).notHeld]).toEqual([["new*", { kind: "empty" }]]);
  });

  it("tells what is left out below a path that it does hold: whole modules, and what was not added", async () => {
    await write({
      ".gitignore": "modules/*\n!modules/site\n*.log\n",
      "modules/site/init.pp": "",
      "modules/stdlib/init.pp": "",
      "modules/site/a.log": "",
    });
    await git("add", ".");
    await write({ "modules/site/new.pp": "", "modules/site/.new.pp.swp": "", "modules/site/init.pp~": "" });
    const { leftOut, notHeld } = await held("modules");
    expect([...notHeld]).toEqual([]);
    expect(leftOut).toEqual([
      { path: "modules/site/new.pp", kind: "not-added" },
      { path: "modules/stdlib/", kind: "ignored", by: ".gitignore:1 (modules/*)" },
    ]);
  });

  it("tells submodules and LFS pointers by what is in git, whatever the working tree has", async () => {
    await write({ "site.pp": pointer, "modules/a/b.deb": pointer, "modules/a/c.deb": `${pointer}\0` });
    await git("add", ".");
    await write({ "site.pp": "the content that git-lfs put there" });
    const module = join(checkout, "vendor");
    await run(["git", "init", "--quiet", module]);
    await run([
      "git",
      "-C",
      module,
      "-c",
      "user.name=x",
      "-c",
      "user.email=x@y",
      "commit",
      "-q",
      "--allow-empty",
      "-mx",
    ]);
    await git("-c", "advice.addEmbeddedRepo=false", "add", "vendor");
    await write({ "vendor/modules/a/init.pp": "" });
    const { standIns, notHeld } = await held("site.pp", "modules", "vendor/modules");
    expect(standIns).toEqual([
      { kind: "lfs-pointer", path: "modules/a/b.deb" },
      { kind: "lfs-pointer", path: "modules/a/c.deb" },
      { kind: "lfs-pointer", path: "site.pp" },
      { kind: "submodule", path: "vendor" },
    ]);
    expect([...notHeld]).toEqual([]);
  });

  it("is asked without running what its configuration names, and stays as it is", async () => {
    const proof = join(place, "proof");
    await write({ "muster.yaml": "", hook: `#!/bin/sh\ntouch ${proof}\n` });
    await git("add", ".");
    for (const [key, value] of [
      ["core.fsmonitor", `touch ${proof};:`],
      ["core.pager", `touch ${proof};:`],
      ["core.sshCommand", `touch ${proof};:`],
      ["remote.origin.url", `ext::touch ${proof}`],
      ["remote.origin.promisor", "true"],
      ["extensions.partialClone", "origin"],
      ["filter.evil.clean", `touch ${proof};:`],
    ] as const)
      await git("config", key, value);
    const index = await run(["sha256sum", join(checkout, ".git/index")]);
    // An object that is missing makes a partial clone fetch.
    await rm(join(checkout, ".git/objects"), { recursive: true });
    await mkdir(join(checkout, ".git/objects"));
    await write({ ".gitattributes": "* filter=evil\n" });
    await heldContent(checkout, ["muster.yaml"]);
    expect(existsSync(proof)).toBe(false);
    expect(await run(["sha256sum", join(checkout, ".git/index")])).toEqual(index);
  });

  it.runIf(process.getuid?.() === 0)("of another user is looked at too, as in the container of a CI", async () => {
    await write({ "site.pp": "" });
    for (const path of [checkout, join(checkout, ".git")]) await chown(path, 12345, 12345);
    expect([...(await held("site.pp")).notHeld.keys()]).toEqual(["site.pp"]);
  });

  it("that git cannot read is told with git's words", async () => {
    await write({ "site.pp": "" });
    await git("add", ".");
    await writeFile(join(checkout, ".git/index"), "no index");
    expect(await heldContent(checkout, ["site.pp"])).toEqual({ unseen: expect.stringMatching(/index/) as unknown });
  });

  it("is nothing below its root: a directory in another repo is no config repo", async () => {
    await mkdir(join(checkout, "examples/repo"), { recursive: true });
    expect(await heldContent(join(checkout, "examples/repo"), ["site.pp"])).toBeUndefined();
    expect(await heldContent(join(checkout, ".git"), ["site.pp"])).toBeUndefined();
  });
});

it("what is no checkout has no answer", async () => {
  await cp(import.meta.filename, join(checkout, "site.pp"));
  expect(await heldContent(checkout, ["site.pp"])).toBeUndefined();
});
