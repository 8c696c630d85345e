import { expect, test } from "vitest";
import { targetStateOf } from "../../../../src/adapters/aws/target-health.ts";

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
