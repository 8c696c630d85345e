import * as fc from "fast-check";
import { expect, test } from "vitest";
import { fares, serversOf, stateOf } from "../../../../src/adapters/local/haproxy-status.ts";
import type { Target } from "../../../../src/domain/membership/membership.ts";

const target: Target = {
  group: "web-dev",
  instance: "i-1",
  member: "i-1-80",
  address: "10.0.0.1",
  port: 80,
  deadlineMs: 1,
  drainMs: 1,
};

type Row = { readonly status: string; readonly check: string; readonly admin: number; readonly more?: string };

/** The two answers of HAProxy 2.6, reduced to the columns that are read and a few around them. */
function answers({ status, check, admin, more = "" }: Row, address = "10.0.0.1:80"): [string, string] {
  const stat = [
    "# pxname,svname,qcur,scur,status,check_status,check_code,last_chk,check_desc,addr,mode,",
    `web-dev,other,0,9,UP,L7OK,200,,"Layer7, check passed",10.0.0.9:80,http,`,
    `web-dev,i-1-80,0,2,${status},${check},,${more},text,${address},http,`,
    "",
  ].join("\n");
  const state = [
    "1",
    "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight",
    "3 web-dev 1 other 10.0.0.9 2 0 1",
    `3 web-dev 2 i-1-80 10.0.0.1 2 ${admin} 1`,
    "",
  ].join("\n");
  return [stat, state];
}

function judged(row: Row, address?: string) {
  return stateOf(serversOf(...answers(row, address), "web-dev").get("i-1-80"), target);
}

test.each([
  [{ status: "UP", check: "L7OK", admin: 0 }, { kind: "healthy" }],
  [{ status: "UP", check: "* L7OK", admin: 0 }, { kind: "healthy" }],
  [{ status: "UP 1/2", check: "L7STS", admin: 0 }, { kind: "healthy" }],
  [{ status: "UP 1/3", check: "INI", admin: 0 }, { kind: "starting" }],
  [{ status: "DOWN", check: "L4TOUT", admin: 0 }, { kind: "unhealthy" }],
  [{ status: "DOWN 1/2", check: "L7OK", admin: 0 }, { kind: "starting" }],
  // Every status of `srv_hlt_st` in HAProxy's src/stats.c, and bits of `srv_admin_state` (management guide, 9.3).
  [{ status: "DOWN (agent)", check: "L7OK", admin: 0 }, { kind: "unhealthy" }],
  [{ status: "NOLB", check: "L7STS", admin: 0 }, { kind: "unhealthy" }],
  [{ status: "NOLB 1/2", check: "L7STS", admin: 0 }, { kind: "unhealthy" }],
  [
    { status: "DRAIN (agent)", check: "L7OK", admin: 16 },
    { kind: "draining", connections: 2 },
  ],
  [
    { status: "MAINT (via web/other)", check: "", admin: 2 },
    { kind: "wrong", reason: "in maintenance" },
  ],
  [
    { status: "MAINT (resolution)", check: "", admin: 32 },
    { kind: "wrong", reason: "in maintenance" },
  ],
  [{ status: "", check: "L7OK", admin: 0 }, { kind: "unhealthy" }],
  [{ status: "RESTING", check: "L7OK", admin: 0 }, { kind: "unhealthy" }],
  [{ status: "up", check: "L7OK", admin: 0 }, { kind: "unhealthy" }],
  [
    { status: "DRAIN", check: "L7OK", admin: 8 },
    { kind: "draining", connections: 2 },
  ],
  [
    { status: "DOWN", check: "L4CON", admin: 8 },
    { kind: "draining", connections: 2 },
  ],
  [
    { status: "MAINT", check: "", admin: 1 },
    { kind: "wrong", reason: "in maintenance" },
  ],
  [
    { status: "MAINT", check: "", admin: 5 },
    { kind: "wrong", reason: "in maintenance" },
  ],
  [
    { status: "no check", check: "", admin: 0 },
    { kind: "wrong", reason: "registered without a health check" },
  ],
] as const)("%j is %j", (row, expected) => {
  expect(judged(row)).toMatchObject(expected);
});

test("the reason is in plain words, and what a server made up cannot break its line", () => {
  const more = `"refused, at ""step"" 1\u001b[31m"`;
  expect(judged({ status: "DOWN", check: "L4CON", admin: 0, more })).toEqual({
    kind: "unhealthy",
    reason: 'HAProxy web-dev/i-1-80: DOWN, layer-4 connection failed: refused, at "step" 1 [31m',
  });
});

test("addresses are compared, not their spelling", () => {
  const up = { status: "UP", check: "L7OK", admin: 0 };
  expect(judged(up, "10.0.0.2:80")).toEqual({ kind: "wrong", reason: "registered at 10.0.0.2:80" });
  expect(judged(up, "10.0.0.1:81").kind).toBe("wrong");
  const six = { ...target, address: "2001:db8::1" };
  const server = serversOf(...answers(up, "[2001:db8:0::1]:80"), "web-dev").get("i-1-80");
  expect(stateOf(server, six)).toEqual({ kind: "healthy" });
});

test("any answer is a server or none, never a crash", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (stat, state) => {
      expect(serversOf(`# pxname,svname\n${stat}`, `1\n# be_name srv_name\n${state}`, "b").get("s")).toBeUndefined();
    }),
  );
});

test("how a backend fares without an instance: on no port of its own, and what is switched off is no member", () => {
  const row = { status: "UP", check: "L7OK", admin: 0 };
  expect(fares(serversOf(...answers(row), "web-dev"), { ...target, instance: "i-1" })).toEqual({
    total: 2,
    healthyOthers: 1,
  });
  expect(fares(serversOf(...answers(row), "web-dev"), { ...target, instance: "other" })).toEqual({
    total: 2,
    healthyOthers: 1,
  });
  const asking = { ...target, instance: "i-9" };
  const seenBy = (server: Row) => fares(serversOf(...answers(server), "web-dev"), asking);
  expect(seenBy(row)).toEqual({ total: 3, healthyOthers: 2 });
  expect(seenBy({ ...row, status: "DOWN", check: "L4CON" })).toEqual({ total: 3, healthyOthers: 1 });
  expect(seenBy({ ...row, status: "DRAIN", admin: 8 })).toEqual({ total: 3, healthyOthers: 1 });
  expect(seenBy({ ...row, status: "MAINT", admin: 1 })).toEqual({ total: 2, healthyOthers: 1 });
});
