import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { scheduler } from "../../src/adapters/host/scheduler.ts";

const agent = join(import.meta.dirname, "scheduler.agent.ts");

function times(timeZone: string, expression: string, from: string, to: string): unknown {
  const env = { PATH: process.env["PATH"], TZ: timeZone };
  const command = [agent, expression, from, to];
  return JSON.parse(execFileSync(process.execPath, command, { env, encoding: "utf8", timeout: 30_000 }));
}

test("names times of the machine's own zone", () => {
  expect(times("Asia/Tokyo", "30 4 * * 1-5", "2026-01-02T00:00:00Z", "2026-01-06T00:00:00Z")).toEqual([
    "01-04T19:30",
    "01-05T19:30",
  ]);
});

test("an hour that summer time leaves out names nothing, one that its end repeats names it once", () => {
  const spring = ["2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z"] as const;
  const autumn = ["2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z"] as const;
  expect(times("Europe/Berlin", "30 2 * * *", ...spring)).toEqual(["03-30T00:30"]);
  expect(times("Europe/Berlin", "30 2 * * *", ...autumn)).toHaveLength(2);
  expect(times("Europe/Berlin", "30 3 * * *", ...spring)).toEqual(["03-29T01:30", "03-30T01:30"]);
});

function at(now: string): void {
  vi.useFakeTimers({ now: new Date(now) });
}

afterEach(() => {
  vi.useRealTimers();
});

/** Of every full hour. */
function next(after: string): string | undefined {
  return scheduler.next("0 * * * *", new Date(after))?.toISOString();
}

test("a time before now that was not worked yet is named too", () => {
  at("2026-01-01T04:40:00Z");
  expect(next("2026-01-01T02:59:59.999Z")).toBe("2026-01-01T03:00:00.000Z");
  expect(next("2026-01-01T03:00:00Z")).toBe("2026-01-01T04:00:00.000Z");
  expect(next("2026-01-01T04:00:00Z")).toBe("2026-01-01T05:00:00.000Z");
});

test("a day that no calendar has is never", () => {
  at("2026-01-01T00:00:00Z");
  expect(scheduler.next("0 0 30 2 *", new Date())).toBeUndefined();
  expect(scheduler.next("0 0 29 2 *", new Date())?.toISOString().slice(0, 4)).toBe("2028");
});
