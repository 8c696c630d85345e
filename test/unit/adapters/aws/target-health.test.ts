import { TargetHealthReasonEnum, TargetHealthStateEnum } from "@aws-sdk/client-elastic-load-balancing-v2";
import { expect, test } from "vitest";
import { isHealthy, sayUnknown, targetStateOf } from "../../../../src/adapters/aws/target-health.ts";

const http = { by: "HTTP on port 8080", path: "/healthz", codes: "200-299" };

test.each([
  [
    { State: "unhealthy", Reason: "Target.ResponseCodeMismatch", Description: "…with these codes: [404]" },
    http,
    "the target group's health check gets 404 on /healthz (HTTP on port 8080, expects 200-299) [Target.ResponseCodeMismatch]",
  ],
  [
    { State: "unhealthy", Reason: "Target.Timeout", Description: "Request timed out" },
    http,
    "the target group's health check gets no answer in time on /healthz (HTTP on port 8080, expects 200-299) [Target.Timeout]",
  ],
  [
    { State: "unhealthy", Reason: "Target.FailedHealthChecks", Description: "Health checks failed" },
    { by: "TCP on the port of the target" },
    "the target group's health check gets no connection, or an answer that is none (TCP on the port of the target) [Target.FailedHealthChecks]",
  ],
  [
    { State: "unused", Reason: "Target.InvalidState", Description: "Target is in the stopped state" },
    http,
    'the target is in an instance that is stopped or terminated ("Target is in the stopped state") [Target.InvalidState]',
  ],
  [{ State: "unhealthy", Reason: "Target.Odd" }, http, "the target is unhealthy [Target.Odd]"],
])("%j in plain words", (health, check, words) => {
  expect(targetStateOf("web", health, check)).toEqual({ kind: "unhealthy", reason: `web: ${words}` });
});

/** Elastic Load Balancing API reference, "TargetHealth", and the pages of each kind of balancer. */
const documented: readonly (readonly [string, string | undefined, string])[] = [
  ["healthy", undefined, "healthy"],
  ["initial", "Elb.RegistrationInProgress", "starting"],
  ["initial", "Elb.InitialHealthChecking", "starting"],
  ["unhealthy", "Target.ResponseCodeMismatch", "unhealthy"],
  ["unhealthy", "Target.Timeout", "unhealthy"],
  ["unhealthy", "Target.FailedHealthChecks", "unhealthy"],
  ["unhealthy", "Elb.InternalError", "unhealthy"],
  ["unused", "Target.NotRegistered", "absent"],
  ["unused", "Target.NotInUse", "unhealthy"],
  ["unused", "Target.InvalidState", "unhealthy"],
  ["unused", "Target.IpUnusable", "unhealthy"],
  ["draining", "Target.DeregistrationInProgress", "draining"],
  ["unhealthy.draining", "Target.DeregistrationInProgress", "draining"],
  ["unavailable", "Target.HealthCheckDisabled", "healthy"],
  // docs.aws.amazon.com/elasticloadbalancing/latest/network/check-target-health.html
  ["unavailable", "Elb.InternalError", "starting"],
];

test.each(documented)("AWS says %s, %s: %s", (State, Reason, kind) => {
  expect(targetStateOf("web", { State, Reason }, http).kind).toBe(kind);
});

test("every state and every reason of the SDK has a row", () => {
  expect(new Set(documented.map(([state]) => state))).toEqual(new Set(Object.values(TargetHealthStateEnum)));
  const reasons = documented.flatMap(([, reason]) => reason ?? []);
  expect(new Set(reasons)).toEqual(new Set(Object.values(TargetHealthReasonEnum)));
});

test("an absent or unknown state is neither healthy nor gone, and is named", () => {
  const odd = { Reason: "Target.NotRegistered" };
  for (const State of [undefined, "", "Healthy", "resting", ...Object.values(TargetHealthReasonEnum)]) {
    expect(targetStateOf("web", { State, ...odd }, http)).toMatchObject({ kind: "unhealthy" });
    expect(isHealthy({ State, ...odd })).toBe(false);
  }
  expect(targetStateOf("web", { State: "resting" }, http)).toMatchObject({ reason: "web: the target is resting" });
  expect(isHealthy({ State: "unavailable" })).toBe(false);
  expect(isHealthy(undefined)).toBe(false);
});

test("a state or reason that AWS does not document is said, a documented one is not", () => {
  const told: string[] = [];
  const tell = (...words: readonly string[]) => void told.push(words.join(" | "));
  for (const [State, Reason] of documented) sayUnknown("web", { State, Reason }, tell);
  sayUnknown("web", {}, tell);
  expect(told).toEqual([]);
  sayUnknown("web", { State: "asleep", Reason: "Target.Odd" }, tell);
  expect(told).toEqual([
    "The state of a target in web | asleep | not healthy",
    "The reason of a target's state in web | Target.Odd | nothing more than its state, asleep",
  ]);
});
