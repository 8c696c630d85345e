import { expect, test } from "vitest";
import { createTurnLock } from "../../../src/daemon/turn-lock.ts";
import { createVirtualClock } from "../../fakes/virtual-clock.ts";

const { signal: never } = new AbortController();

function setUp() {
  const clock = createVirtualClock();
  clock.freeze();
  const lock = createTurnLock(clock, 42);
  const order: string[] = [];
  async function take(what: string, waitMs = Number.POSITIVE_INFINITY, signal = never) {
    const held = await lock.acquire(
      what,
      waitMs,
      signal,
      (holder) => void order.push(`${what} waits for ${holder?.what}`),
    );
    order.push(`${what} works`);
    return held;
  }
  return { clock, take, order };
}

test("first come, first served", async () => {
  const { take, order } = setUp();
  const one = await take("one");
  const two = take("two");
  const three = take("three");
  await one.release();
  await (await two).release();
  await (await three).release();
  expect(order).toEqual(["one works", "two waits for one", "three waits for one", "two works", "three works"]);
});

test("whoever waits too long is told who works, and those behind it still wait", async () => {
  const { clock, take, order } = setUp();
  const one = await take("one");
  const two = expect(take("two", 1000)).rejects.toMatchObject({
    code: "lock-held",
    message: expect.stringContaining('"one"') as string,
  });
  const three = take("three");
  await clock.advance(1000);
  await two;
  expect(order).not.toContain("three works");
  await one.release();
  await (await three).release();
  expect(clock.sleepers()).toBe(0);
});

test("who does not wait at all is refused at once, or works at once", async () => {
  const { take } = setUp();
  const one = await take("one", 0);
  await expect(take("two", 0)).rejects.toMatchObject({ code: "lock-held" });
  await one.release();
  await (await take("three", 0)).release();
});

test("an abort ends the wait and passes the turn on", async () => {
  const { take, order } = setUp();
  const one = await take("one");
  const stop = new AbortController();
  const two = expect(take("two", Number.POSITIVE_INFINITY, stop.signal)).rejects.toThrow("enough");
  const three = take("three");
  stop.abort(new Error("enough"));
  await two;
  await one.release();
  await (await three).release();
  expect(order.at(-1)).toBe("three works");
});
