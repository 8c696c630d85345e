import { describe, expect, test } from "vitest";
import type { Wish } from "../../../../src/domain/membership/membership.ts";
import type { EventBody, RunEvent } from "../../../../src/domain/run/events.ts";
import type { StageName } from "../../../../src/domain/run/run.ts";
import type { StageStatus, StatusReport } from "../../../../src/domain/instance/status.ts";
import type { ExplainInput } from "../../../../src/views/explain/input.ts";
import { fresh, held, serving, starting } from "../../cli/reports.ts";
import { explained, now, row } from "./explained.ts";

/** The status with one of its stages told otherwise. */
function withStage(status: StatusReport, name: StageName, change: Partial<StageStatus>): StatusReport {
  if (status.run === undefined) throw new Error("there is a run");
  const stages = status.run.stages.map((stage) => (stage.stage === name ? { ...stage, ...change } : stage));
  return { ...status, run: { ...status.run, stages } };
}

function recorded(...bodies: readonly EventBody[]): Pick<ExplainInput, "recording"> {
  const events = bodies.map((body): RunEvent => ({ ...body, at: now, run: "0001-abcd" }));
  return { recording: { run: "0001-abcd", events, unreadable: 0 } };
}

function finished(stage: StageName, durationMs: number): EventBody {
  return { type: "stage-finished", stage, outcome: "changed", durationMs, summary: "", facts: {} };
}

describe("where the instance stands", () => {
  test.each([
    [
      "by its field, whatever the reason says",
      { ...held, heldAt: "dns" as const, reason: "tags: in other words" },
      "dns",
    ],
    ["by its run, in what an older binary wrote", { ...held, reason: "in other words" }, "health"],
  ])("held is told with its stage %s", (_how, status, stage) => {
    expect(explained(status).verdict).toMatch(new RegExp(`^Not in service, held at ${stage}: `));
  });

  test.each([
    ["in service", serving, "good", "In service: every gate passed"],
    ["held", held, "bad", /^Not in service, held at health: 1 of 2 health checks did not pass/],
    ["under way", starting, "warn", /^Not in service yet: run 1 is at config, which waits: the git server/],
    ["leaving", { ...serving, state: "leaving", reason: "spot notice" }, "warn", "Leaving service: spot notice"],
    ["going down", { ...starting, state: "rebooting", reason: "planned" }, "warn", /^Not in service yet: the machine/],
    ["before the boot run", fresh, "warn", "Not in service yet: the boot run has not begun"],
    ["not to be read", undefined, "warn", /cannot be told/],
  ] as const)("%s", (_what, status, standing, verdict) => {
    const said = explained(status);
    expect(said.standing).toBe(standing);
    expect(said.verdict).toMatch(verdict);
    expect(said.todo.length).toBeGreaterThan(0);
  });

  test("a daemon that does not answer is not taken for one that is gone", () => {
    const said = explained(serving, { agent: { kind: "silent", pid: 12, state: "stopped" } });
    expect(said).toMatchObject({ standing: "bad", code: "daemon-silent" });
    expect(said.verdict).toBe(
      "The daemon does not answer: its process 12 is stopped by a signal. What was known last: In service: every gate passed",
    );
    expect(said.todo).toEqual(["kill -CONT 12 lets it go on; systemctl restart muster starts it anew"]);
    expect(row(said, "next")).toEqual(["nothing is certain, until the agent answers"]);
    expect(explained(starting, { agent: { kind: "unasked" } }).verdict).toMatch(/^Not in service yet/);
    expect(explained(starting, { agent: { kind: "gone" } }).verdict).toMatch(/stopped at config, because the agent/);
  });

  test("who may read nothing but the daemon's answer learns that there is none", () => {
    for (const kind of ["silent", "gone"] as const) {
      const said = explained(undefined, { agent: { kind } });
      expect(said.standing).toBe("bad");
      expect(said.verdict).toMatch(/^The daemon does not answer.*cannot be told/);
      expect(said.todo[0]).toContain("systemctl");
    }
  });

  test("a machine that goes down for its reboot is waited for, though the agent has gone first", () => {
    const said = explained({ ...starting, state: "rebooting", reason: "planned" }, { agent: { kind: "gone" } });
    expect(said.todo).toEqual(["Nothing: the run goes on after the reboot"]);
  });

  test("maintenance that is ahead is told with its time and what follows", () => {
    const event = { id: "e-1", code: "system-reboot", text: "the host is replaced" };
    const maintenance = [{ ...event, notBefore: "2026-01-11T00:30:00.000Z", notAfter: "2026-01-11T02:30:00.000Z" }];
    expect(row(explained({ ...serving, maintenance }), "ahead")).toEqual([
      "maintenance (system-reboot): the host is replaced; from 2026-01-11 00:30:00 UTC (in 10 d), until 2026-01-11 02:30:00 UTC (in 10 d) at the latest. It is left for in time, unless the role says leave: { maintenance: ignore }",
    ]);
    expect(row(explained(serving), "ahead")).toEqual([]);
  });

  test("everything that is pending is named, with where to look", () => {
    const others = [{ code: "aws-access-denied", stage: "tags", text: "tags are denied" }] as const;
    const times = { since: "2026-01-01T00:20:00.000Z", nextAt: "2026-01-01T00:40:00.000Z" };
    const pending = { code: "aws-throttled", stage: "dns", text: "names are throttled", ...times, others } as const;
    const said = explained({ ...serving, pending });
    expect(said.verdict).toBe(
      "In service, but its names are not published yet and its state tags are not written yet: names are throttled; tags are denied",
    );
    expect(said.todo[0]).toContain("muster explain aws-throttled and muster explain aws-access-denied");
  });

  test("a state of a newer muster is told by its reason", () => {
    const status = JSON.parse(JSON.stringify({ ...serving, state: "paused", reason: "until noon" })) as StatusReport;
    expect(explained(status).verdict).toBe("Not in service: until noon");
  });

  test("of two stages at work the one that waits is the news", () => {
    const status = withStage(starting, "index", { state: "waiting", waitingSince: "2026-01-01T00:29:00.000Z" });
    const both = withStage(status, "config", { state: "running" });
    expect(row(explained(both), "gate")[0]).toBe("index waits since 00:29:00 UTC (1 min ago)");
  });
});

describe("the run's slowest part", () => {
  test("with the command that took longest in it", () => {
    const command = { type: "command-finished", stage: "converge", id: 1, ended: "exited", code: 0 } as const;
    const events = recorded(
      finished("patch", 4000),
      { ...command, command: "puppet apply", durationMs: 8000 },
      { ...command, command: "puppet --version", durationMs: 900 },
      { ...command, stage: "patch", command: "apt-get", durationMs: 9000 },
      finished("converge", 9500),
    );
    expect(row(explained(serving, events), "run")[1]).toBe(
      "took 1 min 13 s; slowest: converge 9.5 s, of which puppet apply 8.0 s",
    );
  });

  test("what follows the run is none of it", () => {
    const end = { type: "run-finished", durationMs: 73_000, end: { kind: "in-service", changed: true } } as const;
    const events = recorded(finished("patch", 4000), end, finished("register", 30_000));
    expect(row(explained(serving, events), "run")[1]).toContain("slowest: patch 4.0 s");
  });
});

describe("values", () => {
  const role = [
    { path: "health.deadline", value: "10m" },
    { path: "health.smoke[0].rise", value: "1" },
    { path: "health.smoke[0].tcp", value: "80", from: "muster.yaml@1a2b3c4:3:1" },
    { path: "healthy", value: "no stage's", from: "muster.yaml@1a2b3c4:9:1" },
    { path: "dns[0].ttl", value: "30", from: "muster.yaml@1a2b3c4:4:1" },
  ];

  test("those of the gate come first; what every check has by default is left to --all", () => {
    const { values } = explained(held, { role });
    expect(values.filter(({ relevant }) => relevant).map(({ name }) => name)).toEqual([
      "health.deadline",
      "health.smoke[0].tcp",
    ]);
    expect(values.map(({ from }) => from)).toContain("default");
    expect(values).toHaveLength(role.length);
  });

  test("what was selected is always there, with the place of its file", () => {
    const from = { value: "main", from: "settings /etc/muster/muster.yaml:4:8" };
    const selection = { role: { ...from, from: "command line" }, environment: from, ref: from, refused: [] };
    expect(explained({ ...serving, selection }).values).toMatchObject([
      { name: "role", from: "command line" },
      { name: "environment", from: "/etc/muster/muster.yaml:4:8" },
      { name: "ref", relevant: true },
    ]);
  });
});

test("what stands in a file and holds a secret is shown without it", () => {
  const role = [
    { path: "health.smoke[0].command", value: "curl -u admin:hunter2 https://a", from: "muster.yaml:1:1" },
    { path: "health.smoke[1].http.headers.Authorization", value: "Token hunter2", from: "muster.yaml:2:1" },
    { path: "health.smoke[1].http.url", value: "http://a/?token=hunter2", from: "muster.yaml:3:1" },
  ];
  const { values } = explained(fresh, { role });
  expect(values.map(({ value }) => value)).toEqual([
    "curl -u admin:[masked password] https://a",
    "[masked authorization]",
    "http://a/?token=[masked value]",
  ]);
});

test("a refused tag is said once: where the selection has it, its notice is left out", () => {
  expect(explained(serving).notices).toHaveLength(1);
  const from = { value: "web", from: "tag muster:role" };
  const refused = [{ key: "muster:url", why: "tags can steer role, environment, ref" }];
  const said = explained({ ...serving, selection: { role: from, environment: from, ref: from, refused } });
  expect([said.refused, said.notices]).toEqual([refused, []]);
});

test("what a wish still has to take away is pending", () => {
  const target = { group: "old", instance: "i-1", member: "i-1-80", address: "10.0.0.1", port: 80 };
  const former = { targets: [{ ...target, deadlineMs: 1, drainMs: 1 }], records: [] };
  const places = { targets: [], records: [] };
  const since = "2026-01-01T00:29:30.000Z";
  const wish = { want: "in", by: "run", reason: "", since, bootId: "boot-z", places, former, tags: {} } as const;
  expect(row(explained(serving, { wish }), "desired")).toEqual([
    "wanted in service by a run since 00:29:30 UTC (30 s ago), in an earlier boot",
    "still to be taken away: old (10.0.0.1:80)",
  ]);
});

describe("what is promised by schedule", () => {
  const scheduled = [{ name: "converge", expression: "*/30 * * * *", at: "2026-01-01T01:00:00.000Z" }] as const;
  const pause = { reason: "looking", by: "root", since: now, until: "2026-01-01T02:00:00.000Z" };
  const cordon = { reason: "a rebalance", since: now, until: "2026-01-01T06:30:00.000Z" };
  const wish: Wish = {
    ...{ want: "out", by: "notice", reason: "a spot notice", since: now, bootId: "b" },
    ...{ places: { targets: [], records: [] }, former: { targets: [], records: [] }, tags: {} },
  };

  test.each([
    ["nothing before a cordon is over", { cordon }, {}, /^nothing by schedule before .*06:30.*: a rebalance$/],
    ["nothing before a pause is over", { pause }, {}, /^nothing by schedule before .*02:00.*: paused$/],
    ["nothing before both are over", { pause, cordon }, {}, /^nothing by schedule before .*06:30.*: a rebalance$/],
    [
      "nothing for certain where a notice took it out",
      { state: "out-of-service" },
      { wish },
      /, unless the machine is taken away$/,
    ],
    ["else the time", {}, {}, /^schedule .*: converges again at .*01:00.*$/],
  ] as const)("%s", (_what, change, more, line) => {
    expect(row(explained({ ...serving, ...change }, { scheduled, ...more }), "next")).toEqual([
      expect.stringMatching(line),
    ]);
  });
});
