import { expect, test } from "vitest";
import { classicPaceOf, groupPaceOf } from "../../../../src/adapters/aws/target-pace.ts";

const usual = {
  Protocol: "HTTP",
  HealthCheckIntervalSeconds: 30,
  HealthCheckTimeoutSeconds: 5,
  HealthyThresholdCount: 5,
};

test.each([
  // One check that passes is enough.
  ["HTTP", 30, 5, { firstMs: 1_000, lastMs: 37_000, shortestMs: 1_000, longestMs: 10_000 }],
  ["HTTPS", 5, 2, { firstMs: 1_000, lastMs: 12_000, shortestMs: 1_000, longestMs: 5_000 / 3 }],
  ["HTTP", 300, 10, { firstMs: 1_000, lastMs: 307_000, shortestMs: 1_000, longestMs: 15_000 }],
  // All of the initial checks have to pass.
  ["TCP", 30, 5, { firstMs: 120_000, lastMs: 335_000, shortestMs: 1_000, longestMs: 10_000 }],
  ["GENEVE", 10, 2, { firstMs: 10_000, lastMs: 205_000, shortestMs: 1_000, longestMs: 10_000 / 3 }],
  ["QUIC", 10, 3, { firstMs: 20_000, lastMs: 215_000, shortestMs: 1_000, longestMs: 10_000 / 3 }],
])("a new target behind %s, checked every %i s, %i in a row: %j", (Protocol, interval, passes, pace) => {
  const group = { ...usual, Protocol, HealthCheckIntervalSeconds: interval, HealthyThresholdCount: passes };
  expect(groupPaceOf(group, false)).toEqual(pace);
});

test.each([
  ["HTTP", 37_000],
  ["TCP", 157_000],
])("while the account is throttled the first look behind %s waits until it is certain", (Protocol, firstMs) => {
  const looks = { shortestMs: 15_000, longestMs: 15_000 };
  expect(groupPaceOf({ ...usual, Protocol }, true)).toMatchObject({ firstMs, ...looks });
});

test("a Classic Load Balancer counts to its threshold", () => {
  const check = { Interval: 10, Timeout: 5, HealthyThreshold: 4 };
  expect(classicPaceOf(check, false)).toMatchObject({ firstMs: 30_000, lastMs: 47_000 });
});

test.each([undefined, 0, -5, 301, Number.NaN, Number.POSITIVE_INFINITY])(
  "an interval or a threshold of %s is none, and what is asked for goes on at the usual pace",
  (odd) => {
    expect(groupPaceOf({ ...usual, HealthCheckIntervalSeconds: odd }, false)).toBeUndefined();
    expect(groupPaceOf({ ...usual, HealthyThresholdCount: odd }, true)).toBeUndefined();
    expect(groupPaceOf({ ...usual, HealthCheckTimeoutSeconds: odd }, false)).toMatchObject({ lastMs: 32_000 });
    expect(classicPaceOf({ Interval: odd, HealthyThreshold: 2 }, false)).toBeUndefined();
  },
);

test("a group without a protocol tells nothing", () => {
  expect(groupPaceOf({ ...usual, Protocol: undefined }, false)).toBeUndefined();
});
