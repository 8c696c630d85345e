import { expect, test } from "vitest";
import { usualLeave } from "../../../src/domain/membership/leaving.ts";
import type { LeavePolicy } from "../../../src/domain/role/role.ts";
import { readCatalogue } from "../../../src/settings/catalogue.ts";
import { complaints } from "./complaints.ts";

function read(leave: string): LeavePolicy | undefined {
  return readCatalogue(`version: 1\nroles:\n  web:\n    ${leave}\n`, "muster.yaml").catalogue.roles["web"]?.leave;
}

test("a role that says nothing has five minutes, is cordoned by a recommendation and drained for maintenance", () => {
  expect(read("patch: { scope: none }")).toEqual({
    limitMs: 300_000,
    beforeStop: [],
    rebalance: "cordon",
    cordonMs: 21_600_000,
    maintenance: "drain",
  });
  expect(read("patch: { scope: none }")).toEqual(usualLeave);
});

test("a command is a list, or a line for the shell, and has half a minute", () => {
  const commands = '[{ run: [flush, --all], timeout: 5s }, { run: "sync && flush" }]';
  expect(read(`leave: { limit: 90s, rebalance: drain, beforeStop: ${commands} }`)).toMatchObject({
    limitMs: 90_000,
    rebalance: "drain",
    beforeStop: [
      { run: { argv: ["flush", "--all"] }, timeoutMs: 5_000 },
      { run: { shell: "sync && flush" }, timeoutMs: 30_000 },
    ],
  });
});

test("what it cannot be is said in its place", () => {
  expect(
    complaints(() => read('leave: { limit: 1s, rebalance: maybe, maintenance: cordon, beforeStop: [{ run: "" }] }')),
  ).toMatchInlineSnapshot(`
    [
      "muster.yaml:4:21: roles.web.leave.limit: expected a duration from 10s to 2h, such as 90s, 5m or 1h30m, found "1s"",
      "muster.yaml:4:36: roles.web.leave.rebalance: expected drain, cordon or ignore, found "maybe"",
      "muster.yaml:4:56: roles.web.leave.maintenance: expected drain or ignore, found "cordon"",
      "muster.yaml:4:84: roles.web.leave.beforeStop[0].run: expected text, found """,
    ]
  `);
});
