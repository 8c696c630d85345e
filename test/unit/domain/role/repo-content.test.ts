import { describe, expect, it, test } from "vitest";
import {
  dataPaths,
  judgeContent,
  tidyPath,
  usedPaths,
  type UsedPath,
} from "../../../../src/domain/role/repo-content.ts";

const at = ["converge", 0, "puppet", "hiera"] as const;
const use = (kind: UsedPath["use"], path: string): UsedPath => ({ use: kind, path, at });

test("the paths of a role, as git writes them, and where the catalogue names them", () => {
  const step = {
    engine: "puppet",
    manifest: "./site.pp",
    modules: ["modules/", "."],
    environment: "x",
    timeoutMs: 1,
  } as const;
  expect(usedPaths({ converge: [step, { ...step, modules: [], hiera: "etc//hiera.yaml" }] })).toEqual([
    { use: "manifest", path: "site.pp", at: ["converge", 0, "puppet", "manifest"] },
    { use: "modules", path: "modules", at: ["converge", 0, "puppet", "modules", 0] },
    { use: "modules", path: "", at: ["converge", 0, "puppet", "modules", 1] },
    { use: "manifest", path: "site.pp", at: ["converge", 1, "puppet", "manifest"] },
    { use: "hiera", path: "etc/hiera.yaml", at: ["converge", 1, "puppet", "hiera"] },
  ]);
});

test.each([
  ["", ["data"]],
  ["defaults:\n  datadir: hieradata\n", ["data", "hieradata"]],
  ["  - { name: x, datadir: 'a/b', path: c }\n", ["data", "a/b"]],
  ["datadir: nodes/%{facts.os.family}/x\ndatadir: %{x}\n", ["data", "nodes"]],
  ["datadir: /etc/data\ndatadir: ../data\n# datadir: old\ndatadir: .\r\n", ["data"]],
])("the data directories of the Hiera file %j", (text, expected) => {
  expect(dataPaths(use("hiera", "hiera.yaml"), text).map(({ path }) => path)).toEqual(expected);
  const below = dataPaths(use("hiera", "etc/hiera.yaml"), text).map(({ path }) => path);
  expect(below).toEqual(expected.map((path) => `etc/${path}`));
});

describe("a submodule or an LFS pointer", () => {
  const rows: readonly (readonly [UsedPath, "submodule" | "lfs-pointer", string, "refused" | "warned" | "nothing"])[] =
    [
      [use("manifest", "site.pp"), "lfs-pointer", "site.pp", "refused"],
      [use("manifest", "manifests"), "lfs-pointer", "manifests/a/b.pp", "refused"],
      [use("manifest", "manifests"), "lfs-pointer", "manifests/logo.png", "warned"],
      [use("manifest", "manifests"), "lfs-pointer", "manifests-old/a.pp", "nothing"],
      [use("manifest", "manifests"), "submodule", "manifests/sub", "warned"],
      [use("modules", "modules"), "submodule", "modules", "refused"],
      [use("modules", "a/b/modules"), "submodule", "a", "refused"],
      [use("modules", "modules"), "submodule", "modules/apt", "warned"],
      [use("modules", "modules"), "lfs-pointer", "modules/apt/manifests/init.pp", "warned"],
      [use("modules", "modules"), "submodule", "modul", "nothing"],
      [use("modules", ""), "submodule", "apt", "warned"],
      [use("hiera", "hiera.yaml"), "lfs-pointer", "hiera.yaml", "refused"],
      [use("data", "data"), "submodule", "data", "refused"],
      [use("data", "data"), "lfs-pointer", "data/common.yaml", "warned"],
    ];
  it.each(rows)("%j: %s at %s is %s", (used, kind, path, expected) => {
    const { refused, warned } = judgeContent([used], [{ kind, path }]);
    const found = refused.length > 0 ? "refused" : warned.length > 0 ? "warned" : "nothing";
    expect(found).toBe(expected);
  });

  it("is not warned of where it is refused", () => {
    const used = [use("modules", "a/modules"), use("modules", "a")];
    const { refused, warned } = judgeContent(used, [{ kind: "submodule", path: "a" }]);
    expect([refused.length, warned.length]).toEqual([2, 0]);
  });
});

test("a path without what changes nothing", () => {
  expect(["./a//b/", "a", "", ".", "./"].map(tidyPath)).toEqual(["a/b", "a", "", "", ""]);
});
