import { expect, test } from "vitest";
import { instanceStateOf } from "../../../../src/adapters/aws/instance-health.ts";

test.each([
  ["OutOfService", "Instance registration is still in progress.", "starting", "is being registered"],
  [
    "OutOfService",
    "Instance has not passed the configured HealthyThreshold number of health checks consecutively.",
    "starting",
    "has not yet passed enough health checks in a row",
  ],
  [
    "OutOfService",
    "Instance has failed at least the UnhealthyThreshold number of health checks consecutively.",
    "unhealthy",
    "fails the health check",
  ],
  ["OutOfService", "Instance is in stopped state.", "unhealthy", "does not run"],
  [
    "OutOfService",
    "Instance is in the EC2 Availability Zone for which LoadBalancer is not configured to route traffic to.",
    "unhealthy",
    "is in a zone that the balancer has not enabled",
  ],
  ["OutOfService", "Something new.", "unhealthy", 'is OutOfService ("Something new.")'],
  ["Unknown", "A transient error occurred. Please try again later.", "starting", "an error inside the load balancer"],
])("%s, %s", (State, Description, kind, words) => {
  const state = instanceStateOf("web", { State, Description }, "HTTP:80/healthz");
  expect(state).toMatchObject({ kind, reason: expect.stringContaining(words) as string });
});

test("only where a check fails is it told what the check asks for", () => {
  const failed = "Instance has failed at least the UnhealthyThreshold number of health checks consecutively.";
  expect(reasonOf(failed)).toEqual({
    kind: "unhealthy",
    reason: `web: the instance fails the health check ("${failed}"); the check is TCP:80`,
  });
  expect(reasonOf("Instance is in stopped state.")).not.toMatchObject({
    reason: expect.stringContaining("TCP:80") as string,
  });
});

test.each([
  ["InService", "N/A", { kind: "healthy" }],
  ["InService", "Instance deregistration currently in progress.", { kind: "draining" }],
  ["OutOfService", "Instance is not currently registered with the LoadBalancer.", { kind: "absent" }],
])("%s, %s is %j", (State, Description, expected) => {
  expect(instanceStateOf("web", { State, Description }, "")).toEqual(expected);
});

function reasonOf(Description: string) {
  return instanceStateOf("web", { State: "OutOfService", Description }, "TCP:80");
}
