// The program as it is started: what only a process of its own can show.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const main = join(import.meta.dirname, "../../../src/main.ts");

async function start(argv: readonly string[], closeOutput = false) {
  const child = spawn(process.execPath, [main, ...argv], { stdio: ["ignore", "pipe", "pipe"], env: {} });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  if (closeOutput) child.stdout.destroy();
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

test("prints its version, and the usage of what it does not know", async () => {
  const [version, unknown] = await Promise.all([start(["--version"]), start(["statsu"])]);
  expect(version).toMatchObject({ code: 0, stderr: "" });
  expect(version.stdout).toMatch(/^muster \d+\.\d+\.\d+ \(\w+\)\n$/);
  expect(unknown).toMatchObject({ code: 2, stdout: "" });
});

test("a reader that has gone is no error: the work is done all the same", async () => {
  expect(await start(["schema", "catalogue"], true)).toEqual({ code: 0, stdout: "", stderr: "" });
});

test("output that a full disk did not take is an error", async () => {
  const full = openSync("/dev/full", "w");
  const child = spawn(process.execPath, [main, "schema", "catalogue"], { stdio: ["ignore", full, "pipe"], env: {} });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [code] = (await once(child, "close")) as [number | null];
  closeSync(full);
  expect(code).toBe(1);
  expect(stderr).toContain("Cannot write the output: ENOSPC");
  expect(stderr.match(/output-failed/g)).toHaveLength(1);
});
