import { expect, test } from "vitest";
import { createWorld, story } from "../../run/world.ts";
import { begin } from "../begin.ts";

/** A daemon whose watchdog asks once a minute: it is killed two minutes after the last sign of life. */
async function supervised() {
  const world = await createWorld();
  world.clock.freeze();
  const begun = await begin(world);
  begun.services.watchdog = 60_000;
  await world.clock.advance(60_000);
  expect(begun.services.beats).toBe(2);
  return { world, ...begun };
}

function stuck(events: Parameters<typeof story>[0]): number {
  return story(events).filter((line) => line === "notice agent-stuck").length;
}

test("while no file can be read there is no sign of life, and it is said why; afterwards there is again", async () => {
  const { world, services, pulse, muster } = await supervised();
  const hangs = Promise.withResolvers<void>();
  pulse.prove = () => hangs.promise;
  await world.clock.advance(60_000);
  const before = services.beats;
  expect(stuck(muster.events)).toBe(0);
  await world.clock.advance(30_000);
  expect(stuck(muster.events)).toBe(1);
  await world.clock.advance(600_000);
  expect(services.beats).toBe(before);
  expect(stuck(muster.events)).toBe(1);
  pulse.prove = () => Promise.resolve();
  hangs.resolve();
  await world.clock.advance(0);
  expect(services.beats).toBe(before + 1);
});

test("a loop that does not come round is no sign of life, though the event loop turns", async () => {
  const { world, services, muster } = await supervised();
  // As a call that never ends, whatever the reason.
  world.lifecycle.target = () => new Promise(() => undefined);
  await world.clock.advance(5 * 60_000);
  const before = services.beats;
  await world.clock.advance(10 * 60_000);
  expect(services.beats).toBe(before);
  expect(stuck(muster.events)).toBe(1);
  expect(muster.events.find((event) => event.type === "notice" && event.code === "agent-stuck")).toMatchObject({
    text: expect.stringContaining("the watch over the cloud's notices did not come round") as string,
  });
});

test("a process that was stopped for a while is not called stuck", async () => {
  const { world, services, beats, muster } = await supervised();
  beats.beat("a loop", 1_000);
  await world.clock.advance(61_000);
  const before = services.beats;
  beats.beat("a loop", 3_600_000);
  await world.clock.advance(60_000);
  expect(services.beats).toBeGreaterThan(before);
  expect(stuck(muster.events)).toBe(0);
});

test("an hour of nothing leaves no loop late", async () => {
  const { world, services, beats } = await supervised();
  await world.clock.advance(60 * 60_000);
  expect(beats.overdue()).toEqual([]);
  expect(services.beats).toBe(62);
});
