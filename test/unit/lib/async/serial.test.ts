import { expect, test } from "vitest";
import { createSerial } from "../../../../src/lib/async/serial.ts";

test("one after the other, first come, first served, also after a failure", async () => {
  const serial = createSerial();
  const order: string[] = [];
  const first = Promise.withResolvers<void>();
  async function work(name: string, until: Promise<void> = Promise.resolve()): Promise<void> {
    order.push(`${name} begins`);
    await until;
    order.push(`${name} ends`);
    if (name === "b") throw new Error("b is broken");
  }
  const all = [serial.run(() => work("a", first.promise)), serial.run(() => work("b")), serial.run(() => work("c"))];
  expect(serial.pending()).toBe(3);
  await Promise.resolve();
  await Promise.resolve();
  expect(order).toEqual(["a begins"]);
  first.resolve();
  expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(order).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  expect(serial.pending()).toBe(0);
});

test("a turn that is given up while it waits does not let the next one overtake", async () => {
  const serial = createSerial();
  const release = await serial.take();
  const impatient = new AbortController();
  const given = serial.take(impatient.signal);
  let began = false;
  const next = serial.run(async () => {
    began = true;
  });
  impatient.abort(new Error("no longer"));
  await expect(given).rejects.toThrow("no longer");
  expect(began).toBe(false);
  release();
  await next;
  expect(began).toBe(true);
});
