// `muster check` as the CI of a config repo runs it: on a machine without settings, in a checkout.
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { run } from "../../../lab/run.ts";

const muster = join(import.meta.dirname, "../../../../dist/muster");
let checkout: string;

beforeAll(async () => {
  checkout = await mkdtemp(join(tmpdir(), "muster-check-"));
  await cp(join(import.meta.dirname, "../../harness/repo"), checkout, { recursive: true });
});

afterAll(async () => {
  await rm(checkout, { recursive: true, force: true });
});

const check = async (...args: string[]) => run([muster, "check", ...args, checkout], { check: false, timeout: 10_000 });

test("a valid catalogue passes", async () => {
  expect(await check()).toEqual({ code: 0, stdout: `valid: ${checkout}/muster.yaml\n`, stderr: "" });
});

test("every error at once, with file:line:column and the nearest valid name", async () => {
  await cp(join(import.meta.dirname, "repo"), checkout, { recursive: true });
  const { code, stdout } = await check();
  expect(code).toBe(2);
  const lines = stdout.trimEnd().split("\n");
  const places = ["4:21", "8:7", "10:41"].map((place) => `${checkout}/muster.yaml:${place}: `);
  expect(lines.map((line) => line.slice(0, line.indexOf(": ") + 2))).toEqual(places);
  expect(lines[0]).toContain("security");
  expect(lines[1]).toContain("service");
  expect(lines[2]).toContain("role");

  const json = JSON.parse((await check("--json")).stdout) as { valid: boolean; problems: unknown[] };
  expect(json.valid).toBe(false);
  expect(json.problems).toHaveLength(3);
});

test("a file that the catalogue names has to be there", async () => {
  const catalogue = `version: 1
roles:
  web:
    converge:
      - puppet: { manifest: manifests/site.pp, modules: [moduls] }
`;
  await writeFile(join(checkout, "muster.yaml"), catalogue);
  const { code, stdout } = await check();
  expect(code).toBe(2);
  expect(stdout).toContain(`${checkout}/muster.yaml:5:58: `);
  expect(stdout).toContain("moduls");
});

test("a file that the catalogue names has to be in git, where the directory is a checkout", async () => {
  await cp(join(import.meta.dirname, "../../harness/repo"), checkout, { recursive: true });
  await writeFile(join(checkout, ".gitignore"), "# installed\nmodules/\n");
  await run(["git", "init", "--quiet", checkout]);
  await run(["git", "-C", checkout, "add", "."]);
  const { code, stdout } = await check();
  expect(code).toBe(2);
  expect(stdout).toContain("ignored by .gitignore:2 (modules/)");
  expect(stdout).toContain("[config-content-missing]");
  await run(["git", "-C", checkout, "add", "--force", "modules"]);
  expect(await check()).toEqual({ code: 0, stdout: `valid: ${checkout}/muster.yaml\n`, stderr: "" });
});
