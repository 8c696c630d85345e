import { describe, expect, it } from "vitest";
import { decideReboot, rebootBudget, type RebootCase } from "../../../../src/domain/instance/reboot.ts";

const due: RebootCase = {
  policy: "when-required",
  need: { required: true, reasons: ["libc6 asks for a reboot"] },
  changed: true,
  ofRun: 0,
  spent: 0,
  underWay: undefined,
  objection: undefined,
};
const notDue = { ...due, need: { required: false, reasons: [] } };

describe("whether a run reboots", () => {
  it.each<[string, RebootCase, ReturnType<typeof decideReboot>["kind"]]>([
    ["nothing asks for it", notDue, "go-on"],
    ["something asks for it", due, "reboot"],
    ["the catalogue forbids it", { ...due, policy: "never" }, "refuse"],
    ["the catalogue forbids what nobody asks for", { ...notDue, policy: "never" }, "go-on"],
    ["the catalogue wants one after every change", { ...notDue, policy: "always" }, "reboot"],
    ["... and nothing changed", { ...notDue, policy: "always", changed: false }, "go-on"],
    ["... and this run had its own", { ...notDue, policy: "always", ofRun: 1 }, "go-on"],
    ["... and something still asks for it", { ...due, policy: "always", ofRun: 1, spent: 1 }, "reboot"],
    ["this run may not", { ...due, objection: "it serves" }, "refuse"],
    ["two did not help", { ...due, spent: rebootBudget }, "spent"],
    ["two did not help, and this run may not", { ...due, spent: rebootBudget, objection: "it serves" }, "refuse"],
    ["it was planned, and the agent died before it", { ...due, spent: rebootBudget, underWay: ["planned"] }, "reboot"],
    ["... whatever asks for it is seen no longer", { ...notDue, underWay: ["planned"] }, "reboot"],
  ])("%s", (_name, given, kind) => {
    expect(decideReboot(given).kind).toBe(kind);
  });

  it("says why", () => {
    expect(decideReboot(due)).toEqual({ kind: "reboot", reasons: ["libc6 asks for a reboot"] });
    expect(decideReboot({ ...due, objection: "it serves" })).toEqual({ kind: "refuse", why: "it serves" });
    expect(decideReboot({ ...notDue, underWay: ["planned"] })).toEqual({ kind: "reboot", reasons: ["planned"] });
    const always = decideReboot({ ...notDue, policy: "always" });
    expect(always).toMatchObject({ reasons: [expect.stringContaining("always") as string] });
  });
});
