import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createEnvironmentFile } from "../../../../src/adapters/systemd/environment-file.ts";
import { createExitMarks } from "../../../../src/adapters/systemd/exit-marks.ts";
import { startCommand } from "../../../../src/adapters/systemd/transient-unit.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "muster-environment-"));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

test("variables reach a unit in a file for root alone, which the command line names", async () => {
  let password = "one";
  const environmentFile = createEnvironmentFile(join(directory, "run"), () => ({
    https_proxy: `http://u:${password}@p:1`,
    no_proxy: "a,b",
  }));
  const file = (await environmentFile()) ?? expect.unreachable();
  expect(readFileSync(file, "utf8")).toBe('https_proxy="http://u:one@p:1"\nno_proxy="a,b"\n');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const spec = {
    name: "muster-x",
    description: "",
    argv: ["/bin/true"],
    env: {},
    logFile: "/l",
    timeoutMs: 1,
  } as const;
  const command = startCommand("muster-x", spec, createExitMarks("/run/marks"), file);
  expect(command).toContain(`--property=EnvironmentFile=${file}`);
  expect(command.join(" ")).not.toContain("u:one");
  password = "two";
  await environmentFile();
  expect(readFileSync(file, "utf8")).toContain("u:two");
});

test("without variables there is no file", async () => {
  expect(await createEnvironmentFile(directory, () => ({}))()).toBeUndefined();
});
