import { describe, expect, test } from "vitest";
import { briefEvent } from "../../../../src/domain/redact/brief-event.ts";
import { briefStatus } from "../../../../src/domain/redact/brief-status.ts";
import {
  briefError,
  briefText,
  ownWords,
  publicCheckNames,
  publicResource,
} from "../../../../src/domain/redact/brief.ts";
import type { EventBody, RunEvent } from "../../../../src/domain/run/events.ts";
import type { StatusReport } from "../../../../src/domain/instance/status.ts";
import { initialStatus, reduceStatus } from "../../../../src/run/state/status.ts";
import { stateChange } from "../../../fakes/state-change.ts";

const at = "2026-01-01T00:00:00.000Z";

test("of a URL the host stays, wherever it stands", () => {
  expect(briefText("fetching https://u:p@git.example.com:8443/ops/config.git?token=x, at once")).toBe(
    "fetching git.example.com:8443, at once",
  );
  expect(briefText("(see http://a/b). file:///etc/x")).toBe("(see a). a file");
  expect(briefText("at https://[masked url-login]@a.example/x?token=[masked value]&b=c now")).toBe("at a.example now");
  expect(ownWords("Leaving is not finished: the server said http://a")).toBe("Leaving is not finished");
});

test("checks that were given no name are called by host and program, each by a name of its own", () => {
  expect(
    publicCheckNames([
      "http http://127.0.0.1:8080/health?token=abc",
      "http http://127.0.0.1:8080/ready",
      "command curl -fsS -u admin:hunter2 https://a/b",
      "command /usr/lib/nagios/plugins/check_db --password x",
      "command DB_PASSWORD=x mysqladmin ping",
      "command $(cat /etc/secret)",
      "tcp 80",
      "unit nginx.service",
      "file /srv/www/index.html",
      "shop answers",
    ]),
  ).toEqual([
    "http 127.0.0.1:8080",
    "http 127.0.0.1:8080 (2)",
    "command curl",
    "command check_db",
    "command mysqladmin",
    "command of the shell",
    "tcp 80",
    "unit nginx.service",
    "file /srv/www/index.html",
    "shop answers",
  ]);
});

test("resources keep their names, and not what they run", () => {
  const kept = [
    "File[/etc/motd]",
    "Package[nginx]",
    "Exec[restart the shop]",
    "Nginx::Vhost[a.example.com]",
    "Exec[/bin/a]",
  ];
  expect(kept.map(publicResource)).toEqual(kept);
  expect(publicResource("Exec[/usr/bin/curl -u a:b https://x/y]")).toBe("Exec[curl …]");
  expect(publicResource("Exec[A=b mysql -pX\nmore]")).toBe("Exec[mysql …]");
  expect(publicResource("Exec[https://x/y?token=z]")).toBe("Exec[of the shell …]");
  expect(publicResource("File[/srv/my file]")).toBe("File[my …]");
});

/** In a form that no redactor knows: only what leaves all words of others out is without it. */
const canary = "Canary of the output";
const line = `/usr/bin/tool --of ${canary} https://canary.example/${canary.replaceAll(" ", "-")}?a=b`;
const error = {
  code: "health-failed",
  message: `saw exit 1: ${line}`,
  hint: `look at ${line}`,
  subjects: ["service check db"],
};
const check = { tier: "service", name: `command ${line}`, since: at, ok: false, expected: line, seen: line } as const;

const events: readonly EventBody[] = [
  { type: "stage-started", stage: "health" },
  { type: "stage-progress", stage: "health", text: `1 of 1 checks not passing: ${line}`, waiting: true },
  { type: "stage-output", stage: "health", line },
  { type: "stage-planned", stage: "health", steps: [{ text: line }] },
  {
    type: "stage-finished",
    stage: "health",
    outcome: "failed",
    durationMs: 1,
    summary: error.message,
    facts: { seen: [line] },
    error,
  },
  {
    type: "stage-finished",
    stage: "config",
    outcome: "changed",
    durationMs: 1,
    summary: "done",
    facts: { seen: [line], said: line, commit: "abc", n: 1 },
  },
  { type: "run-finished", end: { kind: "held", stage: "health", error }, durationMs: 1 },
  { type: "run-finished", end: { kind: "unconfirmed", changed: false, note: `as before: ${line}` }, durationMs: 1 },
  stateChange("new", "held", `health: ${error.message}`),
  { type: "state-changed", state: "in-service", trigger: "status-lost", reason: line, brief: "not healthy" },
  { type: "health-changed", health: { healthy: false, since: at, checks: [check] } },
  { type: "drift-checked", drift: { at, commit: "abc", drifted: 1, resources: [`Exec[${line}]`] } },
  { type: "membership-pending", pending: { code: "aws-unreachable", text: line, since: at, nextAt: at } },
  {
    type: "membership-pending",
    pending: {
      code: "aws-unreachable",
      text: "b",
      since: at,
      nextAt: at,
      others: [{ code: "aws-unreachable", text: line }],
    },
  },
  {
    type: "notice",
    level: "warning",
    code: "drift-failed" as never,
    text: `What drift asks for was not done: ${line}`,
  },
];

function statusAfter(bodies: readonly EventBody[]): StatusReport {
  const begun: EventBody = {
    type: "run-started",
    cause: "boot",
    startType: "first-boot",
    dryRun: false,
    resumed: false,
  };
  return [begun, ...bodies].reduce(
    (status, body) => reduceStatus(status, { ...body, at, run: "0001-abcd" }),
    initialStatus("boot", at),
  );
}

describe("outside root's circle", () => {
  test.each(events.map((body, index) => [`${index} ${body.type}`, body] as const))(
    "%s tells no words of others",
    (_, body) => {
      const told = JSON.stringify(briefEvent({ ...body, at }) ?? {});
      expect(JSON.stringify(body)).toMatch(/Canary.of|Canary|seen|health/);
      expect(told).not.toMatch(/Canary/);
      expect(told).not.toContain("://");
    },
  );

  test("code, stage, and names are told", () => {
    const [, , , , failed] = events.map((body) => briefEvent({ ...body, at }));
    expect(failed).toMatchObject({ summary: "health-failed: service check db", error: { code: "health-failed" } });
    expect(briefError({ code: "config-unreachable" })).toBe("config-unreachable");
    const finished = briefEvent({ ...events[5], at } as RunEvent);
    expect(finished).toMatchObject({ summary: "done", facts: { commit: "abc", n: 1 } });
  });

  test("the status of the group has none of it, whenever it is asked for", () => {
    for (let count = 1; count <= events.length; count += 1) {
      const status = statusAfter(events.slice(0, count));
      const told = JSON.stringify(briefStatus(status));
      expect(told, `${count}`).not.toMatch(/Canary/);
      expect(told, `${count}`).not.toContain("://");
    }
    const status = statusAfter(events);
    expect(JSON.stringify(status)).toContain(canary);
    expect(briefStatus(status)).toMatchObject({
      state: "in-service",
      reason: "not healthy",
      health: { healthy: false, checks: [{ tier: "service", name: "command tool", ok: false }] },
      drift: { drifted: 1, resources: ["Exec[tool …]"] },
      pending: { code: "aws-unreachable" },
    });
  });

  test("a held status that an older binary wrote is told by its error", () => {
    const { brief: _, ...status } = statusAfter([...events.slice(0, 7), ...events.slice(8, 9)]);
    expect(status.state).toBe("held");
    expect(briefStatus(status)).toMatchObject({
      reason: "health: health-failed: service check db",
      error: { code: "health-failed", message: "service check db" },
    });
  });
});
