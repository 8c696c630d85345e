import { expect, test } from "vitest";
import { atTimes } from "../../../../src/daemon/schedules/at-times.ts";
import { offsetMs } from "../../../../src/domain/run/splay.ts";
import { createFakeScheduler } from "../../../fakes/scheduler.ts";
import { createVirtualClock } from "../../../fakes/virtual-clock.ts";

const minute = 60_000;
const hour = 60 * minute;

function keep(expression: string, splayMs = 0, beginsAt = 0) {
  const clock = createVirtualClock();
  clock.freeze();
  clock.step(beginsAt);
  const over = new AbortController();
  const called: string[] = [];
  const ended = atTimes(
    { name: "converge", expression, splayMs },
    "i-1",
    { clock, scheduler: createFakeScheduler() },
    () => void called.push(clock.now().toISOString().slice(11, 19)),
    over.signal,
  ).catch((error: unknown) => error);
  async function stop(): Promise<void> {
    over.abort(new Error("over"));
    expect(await ended).toEqual(new Error("over"));
    expect(clock.sleepers()).toBe(0);
  }
  return { clock, called, stop };
}

test("works at each time, and at none twice", async () => {
  const { clock, called, stop } = keep("*/30 * * * *");
  await clock.advance(2 * hour - 1);
  expect(called).toEqual(["00:30:00", "01:00:00", "01:30:00"]);
  await stop();
});

test("an instance does it later by its own share of the splay", async () => {
  const offset = offsetMs("i-1", "converge", hour);
  const { clock, called, stop } = keep("0 4 * * *", hour);
  await clock.advance(4 * hour + offset - 1);
  expect(called).toEqual([]);
  await clock.advance(1);
  expect(called).toHaveLength(1);
  await clock.advance(24 * hour);
  expect(called).toHaveLength(2);
  await stop();
});

test("a daemon that begins between the time and this instance's share of it still does it", async () => {
  const { clock, called, stop } = keep("0 4 * * *", hour, 4 * hour + 1000);
  await clock.advance(hour);
  expect(called).toHaveLength(1);
  await stop();
});

test("times while no daemon was there are not made up", async () => {
  const { clock, called, stop } = keep("0 4 * * *", 0, 5 * hour);
  await clock.advance(22 * hour);
  expect(called).toEqual([]);
  await clock.advance(hour);
  expect(called).toEqual(["04:00:00"]);
  await stop();
});

test("a machine that slept, or whose clock was put forward, over many times does it once", async () => {
  const { clock, called, stop } = keep("*/30 * * * *");
  await clock.advance(10 * minute);
  clock.step(10 * 365 * 24 * hour + hour);
  await clock.advance(minute);
  expect(called).toEqual(["01:11:00"]);
  await clock.advance(29 * minute);
  expect(called).toEqual(["01:11:00", "01:30:00"]);
  await stop();
});

test("a clock that was put back brings its times again, one that is corrected a little does not", async () => {
  const { clock, called, stop } = keep("*/30 * * * *");
  await clock.advance(30 * minute);
  clock.step(-5000);
  await clock.advance(minute);
  expect(called).toEqual(["00:30:00"]);
  clock.step(-25 * minute);
  await clock.advance(25 * minute);
  expect(called).toEqual(["00:30:00", "00:30:00"]);
  await stop();
});
