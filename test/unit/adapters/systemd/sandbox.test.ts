// The units that ship: systemd-analyze rates them in test/e2e/cases/first-boot, where systemd runs.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const directory = resolve(import.meta.dirname, "../../../../systemd");

/** The lines of a unit that set these, in order. */
function lines(unit: string, names: RegExp): readonly string[] {
  const text = readFileSync(join(directory, unit), "utf8");
  return text.split("\n").filter((line) => names.test(line));
}

const sandbox = /^(NoNew|Capab|Protect|Private|Device|Lock|Memory|Restrict(?!Prevent)|SystemCall)/;

test("the daemon and the leaving at power-off are in the same sandbox", () => {
  const daemon = lines("muster.service", sandbox);
  expect(daemon.length).toBeGreaterThan(15);
  expect(lines("muster-leave.service", sandbox)).toEqual(daemon);
});

test("nothing in it makes systemd look at every mount, or hides what checks look at", () => {
  const all = [...lines("muster.service", sandbox), ...lines("muster-leave.service", sandbox)];
  expect(
    all.filter((line) => /=strict|ProtectHome|PrivateTmp|PrivateDevices|ProtectProc|^ProcSubset/.test(line)),
  ).toEqual([]);
});

test("where compiled memory is forbidden, the runtime's compilers are off", () => {
  for (const unit of ["muster.service", "muster-leave.service"]) {
    expect(lines(unit, /^MemoryDenyWriteExecute=yes|useJIT=0/), unit).toHaveLength(2);
  }
});
