// What keeps systemd from ending what a command of an operator or an engine leaves in the background.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { createExitMarks } from "../../../../src/adapters/systemd/exit-marks.ts";
import { startCommand } from "../../../../src/adapters/systemd/transient-unit.ts";

const source = resolve(import.meta.dirname, "../../../../src");
const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));

function filesWith(pattern: RegExp): readonly string[] {
  return files.filter((name) => pattern.test(readFileSync(join(source, name), "utf8"))).toSorted();
}

test("a unit ends with its command, and not with what that leaves in the background", () => {
  const spec = {
    name: "muster-x",
    description: "",
    argv: ["/bin/true"],
    env: {},
    logFile: "/l",
    timeoutMs: 1,
  } as const;
  const command = startCommand("muster-x.2", spec, createExitMarks("/run/marks"));
  expect(command.filter((word) => word.startsWith("--property=KillMode="))).toEqual(["--property=KillMode=process"]);
  expect(command).toContain("--property=WorkingDirectory=/");
  expect(command).toContain("--unit=muster-x.2");
  expect(command).toContain("--property=ExecStopPost=/bin/sh /run/marks/mark.sh /run/marks/muster-x.2");
  const exits = command.find((word) => word.startsWith("--property=SuccessExitStatus="));
  expect(exits?.split(/[= ]/).slice(2)).toEqual(Array.from({ length: 255 }, (_, at) => String(at + 1)));
});

test("no unit of another kind is started anywhere", () => {
  expect(filesWith(/KillMode\W+(control-group|mixed|none)/)).toEqual([]);
  // systemd-run.ts says KillMode=process, which the test above sees; version.ts only probes an old systemd with `true`.
  expect(filesWith(/programs\.systemdRun[,\]]|StartTransientUnit/)).toEqual([
    "adapters/systemd/systemd-run.ts",
    "adapters/systemd/version.ts",
  ]);
  expect(filesWith(/"systemd-run"/)).toEqual(["domain/settings/paths.ts"]);
});
