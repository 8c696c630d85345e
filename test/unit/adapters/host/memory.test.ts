import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { releaseAfterRuns } from "../../../../src/adapters/host/memory.ts";
import type { EventBody } from "../../../../src/domain/run/events.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const started: EventBody = {
  type: "run-started",
  cause: "manual",
  startType: "restart",
  dryRun: false,
  resumed: false,
};
const finished: EventBody = { type: "run-finished", end: { kind: "in-service", changed: false }, durationMs: 1 };

test("memory is given back once a run is over and none has begun since", () => {
  const release = vi.fn();
  const listener = releaseAfterRuns(release);
  const hear = (body: EventBody) => listener({ ...body, at: "2026-01-01T00:00:00Z", upMs: 0 });
  hear(started);
  vi.advanceTimersByTime(60_000);
  hear(finished);
  vi.advanceTimersByTime(1_000);
  hear(started);
  vi.advanceTimersByTime(60_000);
  expect(release).not.toHaveBeenCalled();
  hear(finished);
  vi.advanceTimersByTime(60_000);
  expect(release).toHaveBeenCalledOnce();
});
