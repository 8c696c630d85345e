import { expect, test } from "vitest";
import { aborted } from "../../../../src/lib/async/aborted.ts";
import { answerWithin, createDeadline, withinDeadline } from "../../../../src/lib/async/deadline.ts";
import { createFakeClock } from "../../../fakes/clock.ts";

const late = () => new Error("too late");

const endless = () => new Promise<never>(() => undefined);

const fail = () => Promise.reject(new Error("broken"));

function never(): AbortSignal {
  return new AbortController().signal;
}

test("work that is done in time returns", async () => {
  expect(await withinDeadline(1_000, createFakeClock(), never(), async () => "done", late)).toBe("done");
});

test("work that is not done in time is aborted, and the caller gets its own error", async () => {
  const clock = createFakeClock();
  await expect(withinDeadline(1_000, clock, never(), aborted, late)).rejects.toThrow("too late");
  expect(clock.monotonicMs()).toBe(1_000);
});

test("work that fails in time throws what it threw", async () => {
  await expect(withinDeadline(1_000, createFakeClock(), never(), fail, late)).rejects.toThrow("broken");
});

test("the outer signal wins over the deadline", async () => {
  const outer = new AbortController();
  const clock = createFakeClock();
  clock.at(500, () => outer.abort(new Error("cancelled")));
  await expect(withinDeadline(1_000, clock, outer.signal, aborted, late)).rejects.toThrow("cancelled");
});

test("no limit waits for the work alone", async () => {
  const clock = createFakeClock();
  expect(await withinDeadline(Infinity, clock, never(), async () => "done", late)).toBe("done");
  expect(clock.monotonicMs()).toBe(0);
});

test("a deadline that was ended is not over, and its signal aborts so that nothing goes on", () => {
  const deadline = createDeadline(1_000, createFakeClock(), never());
  deadline.end();
  expect(deadline.isOver()).toBe(false);
  expect(deadline.signal.aborted).toBe(true);
});

test("work that does not heed its signal is left behind when the time is up", async () => {
  expect(await answerWithin(1_000, createFakeClock(), never(), endless)).toBe("late");
});

test("an answer in time is the answer, a failure in time the failure", async () => {
  expect(await answerWithin(1_000, createFakeClock(), never(), async () => "done")).toBe("done");
  await expect(answerWithin(1_000, createFakeClock(), never(), fail)).rejects.toThrow("broken");
});

test("who waits for an answer and is aborted is told why, not that it is late", async () => {
  const outer = new AbortController();
  const clock = createFakeClock();
  clock.at(500, () => outer.abort(new Error("cancelled")));
  await expect(answerWithin(1_000, clock, outer.signal, aborted)).rejects.toThrow("cancelled");
});
