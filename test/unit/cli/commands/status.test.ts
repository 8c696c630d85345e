import { describe, expect, test } from "vitest";
import { runProgram } from "../../../../src/cli/program.ts";
import { statusCommand } from "../../../../src/cli/commands/status.ts";
import { reportDaemonFailure } from "../../../../src/domain/instance/daemon-failure.ts";
import { MusterError } from "../../../../src/domain/errors/errors.ts";
import type { HealthReport } from "../../../../src/domain/health/health.ts";
import type { StatusReport } from "../../../../src/domain/instance/status.ts";
import { widthOf } from "../../../../src/cli/terminal/text.ts";
import { unkept } from "../../../fakes/unkept.ts";
import { createFakeIo, type FakeIo } from "../../../fakes/command-io.ts";
import { identity } from "../../run/world.ts";
import { error, fresh, held, serving, starting } from "../reports.ts";

async function status(report: StatusReport, argv: readonly string[] = [], io: FakeIo = createFakeIo()) {
  const command = statusCommand({
    read: async () => report,
    connect: () => Promise.reject(new Error("not stubbed")),
    wait: () => Promise.reject(new Error("not stubbed")),
  });
  const code = await runProgram({ version: "", commands: { status: async () => command } }, ["status", ...argv], io);
  return { code, stdout: io.stdout(), stderr: io.stderr() };
}

function health(healthy: boolean, passing: boolean): HealthReport {
  const { since } = serving;
  const http = { tier: "smoke", name: "http http://127.0.0.1/", since } as const;
  return {
    healthy,
    since,
    checks: [
      { tier: "service", name: "tcp 80", since, ok: true, seen: "connected" },
      passing
        ? { ...http, ok: true, seen: "status 200" }
        : { ...http, ok: false, expected: 'status 200 and "welcome" in the body', seen: "status 500" },
    ],
  };
}

const triedThrice = {
  since: "2026-01-01T00:00:00.000Z",
  tries: 3,
  failure: { at: "2026-01-01T00:10:00.000Z", run: "0003-abcd", stage: "health", error },
} as const;

describe("the page", () => {
  test.each([
    ["a machine that never ran muster", fresh, 0],
    ["a run under way", starting, 0],
    ["in service", serving, 0],
    ["held", held, 3],
    ["held for the third time", { ...held, out: triedThrice }, 3],
    ["tried for the fourth time", { ...starting, out: triedThrice }, 0],
    ["taken out by an operator", { ...serving, state: "out-of-service", reason: "disk is being replaced" } as const, 0],
    ["patched", { ...serving, patched: { at: "2026-01-01T00:00:10.000Z", upgraded: 3, pending: 12 } }, 0],
    [
      "not patched all the way",
      {
        ...serving,
        patchTrouble: [
          { code: "package-fetch-failed", source: "download.docker.com stable" },
          { code: "package-sources-invalid" },
        ],
      },
      0,
    ],
    [
      "in service, and what an outage left undone",
      {
        ...serving,
        pending: {
          code: "membership-unsettled",
          text: "not as wished yet, register: trying again: HAProxy does not answer on 10.0.0.4:9999",
          since: "2026-01-01T00:01:00.000Z",
          nextAt: "2026-01-01T00:03:30.000Z",
        },
      },
      0,
    ],
    [
      "in service, and two things left undone",
      {
        ...serving,
        pending: {
          code: "aws-throttled",
          stage: "dns",
          text: "names are throttled",
          since: "2026-01-01T00:01:00.000Z",
          nextAt: "2026-01-01T00:03:30.000Z",
          others: [{ code: "aws-access-denied", stage: "tags", text: "tags are denied" }],
        },
      } as const,
      0,
    ],
    [
      "paused",
      {
        ...serving,
        pause: { reason: "looking", by: "alice", since: serving.since, until: "2026-01-01T01:00:00.000Z" },
      },
      0,
    ],
    ["in service, all checks passing", { ...serving, health: health(true, true) }, 0],
    ["in service, a check failing", { ...serving, health: health(true, false) }, 0],
    ["in service and not healthy", { ...serving, health: health(false, false) }, 0],
    [
      "out to patch",
      {
        ...serving,
        state: "out-of-service",
        reason: "patching in its window",
        slot: {
          purpose: "patch",
          number: 1,
          count: 1,
          name: "web.example.internal",
          until: "2026-01-01T01:00:00.000Z",
        },
      } as const,
      0,
    ],
    [
      "maintenance ten days ahead",
      {
        ...serving,
        maintenance: [
          { id: "e-1", code: "system-reboot", text: "the host is replaced", notBefore: "2026-01-11T00:00:00.000Z" },
        ],
      },
      0,
    ],
    ["in service with a failed run", { ...serving, error } as const, 1],
    [
      "in service, as a daemon said that is stopped",
      unkept(serving, { kind: "silent", pid: 412, state: "stopped" }),
      5,
    ],
    ["held, as a daemon said that is gone", unkept(held, { kind: "gone" }), 5],
  ])("%s", async (_what, report, exit) => {
    const { code, stdout, stderr } = await status(report);
    expect([code, stderr]).toEqual([exit, ""]);
    expect(stdout).toMatchSnapshot();
  });

  test.each([80, 40])("in %i columns nothing runs over", async (columns) => {
    const { stdout } = await status({ ...held, reason: "x ".repeat(100) }, [], createFakeIo({ isTty: true, columns }));
    for (const line of stdout.split("\n")) expect(widthOf(line), line).toBeLessThanOrEqual(columns);
    expect(stdout).toContain("…");
    expect(stdout).toMatchSnapshot();
  });

  test("a pipe gets all of it, and no times that are other ones when it is asked again", async () => {
    const { stdout } = await status(held);
    expect(stdout).toContain("smoke check http: expected status 200, saw 502 (10 min)\n");
    expect(stdout).not.toContain("ago");
  });

  test("colour says nothing that the words do not", async () => {
    const coloured = await status(held, [], createFakeIo({ isTty: true, color: true }));
    const plainly = await status(held, [], createFakeIo({ isTty: true, color: false }));
    expect(coloured.stdout).toContain("\u001b[31m");
    // oxlint-disable-next-line no-control-regex -- the colours are what is taken away
    expect(coloured.stdout.replaceAll(/\u001b\[\d+m/g, "")).toBe(plainly.stdout);
  });

  test("nothing that others wrote steers the terminal", async () => {
    const evil = "\u001b]0;owned\u0007\u001b[2J\nstate     in service";
    const report: StatusReport = {
      ...held,
      reason: evil,
      role: evil,
      environment: evil,
      ref: evil,
      instance: { ...identity.instance, id: evil, zone: evil },
      rebootRequired: { required: true, reasons: [evil] },
      notices: [{ code: "x", text: evil }],
      error: { code: "x", message: evil, hint: evil },
    };
    const { stdout } = await status(report);
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(stdout.match(/^state /gm)).toHaveLength(1);
  });
});

test("where only the daemon may be asked, and does not answer, that is the error, with the exit status of it", async () => {
  const io = createFakeIo();
  const command = statusCommand({
    read: () => Promise.reject(new MusterError(reportDaemonFailure({ kind: "silent" }))),
    connect: () => Promise.reject(new Error("not stubbed")),
    wait: () => Promise.reject(new Error("not stubbed")),
  });
  const code = await runProgram({ version: "", commands: { status: async () => command } }, ["status"], io);
  expect([code, io.stderr()]).toEqual([5, expect.stringMatching(/^muster: The daemon does not answer\n/)]);
});

test("--json is the whole report", async () => {
  const { code, stdout } = await status(held, ["--json"]);
  expect(code).toBe(3);
  expect(JSON.parse(stdout)).toEqual(held);
});
