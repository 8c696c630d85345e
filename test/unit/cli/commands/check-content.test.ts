import { expect, test } from "vitest";
import { checkCommand } from "../../../../src/cli/commands/check.ts";
import type { CommandIo } from "../../../../src/cli/command.ts";
import type { HeldAnswer, HeldContent } from "../../../../src/domain/role/held-content.ts";

const catalogue = `version: 1
roles:
  web:
    converge:
      - puppet: { manifest: ./manifests/site.pp, modules: [modules, vendor/modules], hiera: hiera.yaml }
`;
const none: HeldContent = { standIns: [], notHeld: new Map(), leftOut: [] };

async function check(answer: HeldAnswer, { json = false, without = "" } = {}) {
  let printed = "";
  let asked: readonly string[] = [];
  const command = checkCommand({
    readSettings: () => Promise.reject(new Error("there are no settings")),
    whoElseWrites: () => undefined,
    readText: (file) =>
      Promise.resolve({ file, text: file === "repo/hiera.yaml" ? "datadir: hieradata\n" : catalogue }),
    kindOf(path) {
      if (path.startsWith("/") || path === "repo/data" || path === `repo/${without}`) return Promise.resolve(undefined);
      return Promise.resolve(/\.(pp|yaml)$/.test(path) ? "file" : "directory");
    },
    orderedAfter: () => Promise.resolve([]),
    heldContent(directory, paths) {
      expect(directory).toBe("repo");
      asked = paths;
      return Promise.resolve(answer);
    },
  });
  const io = { out: (text: string) => void (printed += text) } as CommandIo;
  const status = await command.run({ args: ["repo"], options: json ? { json } : {} }, io);
  return {
    status,
    asked,
    lines: printed
      .replaceAll(/\n {2}/g, " ")
      .trimEnd()
      .split("\n"),
    printed,
  };
}

test("git is asked for the catalogue, what it names, and the data of the Hiera file that is there", async () => {
  expect(await check(none)).toMatchObject({
    status: 0,
    asked: ["muster.yaml", "manifests/site.pp", "modules", "vendor/modules", "hiera.yaml", "hieradata"],
    lines: ["valid: repo/muster.yaml"],
  });
});

test("each path that git does not hold, with its place, the reason, the remedy and the code", async () => {
  const { status, lines } = await check({
    standIns: [{ kind: "submodule", path: "vendor" }],
    notHeld: new Map([
      ["muster.yaml", { kind: "not-added" }],
      ["manifests/site.pp", { kind: "not-added" }],
      ["modules", { kind: "ignored", by: ".gitignore:3 (modules/)" }],
      ["hieradata", { kind: "empty" }],
    ]),
    leftOut: [],
  });
  expect(status).toBe(2);
  expect(lines).toEqual([
    "repo/muster.yaml:1:1: expected a file that git holds, found muster.yaml, not added; git add muster.yaml [config-content-missing]",
    "repo/muster.yaml:5:69: roles.web.converge[0].puppet.modules[1]: expected a path that git holds, found vendor/modules, where vendor is a submodule; Commit the files themselves in place of the submodule (git subtree, or a copy). [config-content-missing]",
    "repo/muster.yaml:5:29: roles.web.converge[0].puppet.manifest: expected a path that git holds, found manifests/site.pp, not added; git add manifests/site.pp [config-content-missing]",
    "repo/muster.yaml:5:60: roles.web.converge[0].puppet.modules[0]: expected a path that git holds, found modules, ignored by .gitignore:3 (modules/); change that line, or git add --force modules [config-content-missing]",
    "repo/muster.yaml:5:93: roles.web.converge[0].puppet.hiera: expected data that git holds, found hieradata, a directory without a file, which git does not keep; put one into it [config-content-missing]",
  ]);
});

test("an LFS pointer as the manifest, and --json with the code", async () => {
  const answer: HeldAnswer = { ...none, standIns: [{ kind: "lfs-pointer", path: "manifests/site.pp" }] };
  const { status, printed } = await check(answer, { json: true });
  expect(status).toBe(2);
  expect(JSON.parse(printed)).toMatchObject({
    valid: false,
    problems: [
      { line: 5, column: 29, code: "config-content-missing", message: expect.stringContaining("LFS") as unknown },
    ],
    warnings: [],
  });
});

test("of an empty submodule one problem is told, and not also that nothing is there", async () => {
  const answer: HeldAnswer = { ...none, standIns: [{ kind: "submodule", path: "vendor" }] };
  const { lines } = await check(answer, { without: "vendor/modules" });
  expect(lines).toEqual([expect.stringMatching(/where vendor is a submodule/)]);
});

test("what is left out below a path is a warning, the first five by name", async () => {
  const { status, lines } = await check({
    standIns: [
      { kind: "submodule", path: "modules/apt" },
      { kind: "lfs-pointer", path: "modules/a/files/big\u001b.deb" },
      { kind: "lfs-pointer", path: "docs/film.mp4" },
    ],
    notHeld: new Map(),
    leftOut: [
      { path: "modules/stdlib/", kind: "ignored", by: ".gitignore:1 (modules/*)" },
      { path: "vendor/modules/new.pp", kind: "not-added" },
      ...[1, 2, 3].map((number) => ({ path: `modules/${number}.pp`, kind: "not-added" as const })),
    ],
  });
  expect(status).toBe(0);
  expect(lines).toEqual([
    "repo/muster.yaml:5:60: warning: roles.web.converge[0].puppet.modules[0]: expected files that git holds, all of them, found modules/apt (a submodule), modules/a/files/big\u{FFFD}.deb (a Git LFS pointer), modules/stdlib/ (ignored by .gitignore:1 (modules/*)), modules/1.pp (not added), modules/2.pp (not added), and 1 more [config-content-partial]",
    "repo/muster.yaml:5:69: warning: roles.web.converge[0].puppet.modules[1]: expected files that git holds, all of them, found vendor/modules/new.pp (not added) [config-content-partial]",
    "valid: repo/muster.yaml",
  ]);
});

test("no git checkout is as before; one that git does not show is a warning", async () => {
  expect(await check(undefined)).toMatchObject({ status: 0, lines: ["valid: repo/muster.yaml"] });
  const { status, lines } = await check({ unseen: "fatal: index file corrupt" });
  expect(status).toBe(0);
  expect(lines).toEqual([
    expect.stringMatching(/^repo\/muster.yaml:1:1: warning: git does not show .*fatal: index file corrupt/),
    "valid: repo/muster.yaml",
  ]);
});
