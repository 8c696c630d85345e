import { expect, test } from "vitest";
import { launchHook, launching } from "../../../fakes/lifecycle.ts";
import { createWorld, story, trouble } from "../../run/world.ts";
import { begin, runsOf } from "../begin.ts";

test("a held instance keeps its launch hook waiting, between its runs as in them, and completes it in the end", async () => {
  const world = await createWorld();
  world.healthy = false;
  world.lifecycle.group = launching([], [launchHook("ready", 120)]);
  const heartbeat = world.lifecycle.heartbeat.bind(world.lifecycle);
  const beats: number[] = [];
  world.lifecycle.heartbeat = async (...args) => {
    beats.push(world.clock.monotonicMs());
    await heartbeat(...args);
  };
  const { muster } = await begin(world);
  await world.clock.advance(30 * 60_000);
  const gaps = beats.slice(1).map((at, index) => at - (beats[index] ?? 0));
  expect(beats.length).toBeGreaterThan(20);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(60_000);

  world.healthy = true;
  await world.clock.advance(10 * 60_000);
  expect(muster.status.current().state).toBe("in-service");
  expect(world.lifecycle.calls.at(-1)).toBe("CONTINUE web/ready");
});

test("what could not be asked about after a reboot is put right, and said, once somebody answers", async () => {
  const world = await createWorld();
  await (await world.start()).run({ cause: "boot" });
  world.bootId = "boot-2";
  world.balancer.trouble = trouble("aws-unreachable", true);
  world.balancer.forgetAll();
  const { muster, services } = await begin(world);
  await world.clock.advance(10 * 60_000);
  expect(muster.status.current().reason).toContain("as it was before the boot");
  expect(services.calls).toContain("start muster-ready.target");
  world.balancer.trouble = undefined;
  await world.clock.advance(2 * 60_000);
  expect(world.balancer.members()).toEqual(["web-dev/i-1-80"]);
  expect(muster.status.current()).toMatchObject({ state: "in-service", reason: "every gate passed" });
});

test("an instance that is taken out of the warm pool without a boot is brought into service, once", async () => {
  const world = await createWorld();
  world.lifecycle.group = { ...launching([]), state: "warm-launch-waiting" };
  const { muster } = await begin(world);
  await world.clock.advance(1_000);
  expect(muster.status.current()).toMatchObject({ state: "out-of-service", run: { parked: true } });
  await world.clock.advance(60_000);
  expect(runsOf(muster.events), "nobody wants it yet").toBe(1);

  // The metadata service may be away for a moment.
  world.lifecycle.trouble = trouble("imds-unreachable", true);
  await world.clock.advance(30_000);
  world.lifecycle.trouble = undefined;
  world.lifecycle.group = launching([]);
  await world.clock.advance(20_000);
  expect(muster.status.current()).toMatchObject({ state: "in-service", run: { cause: "wake", startType: "wake" } });
  await world.clock.advance(60_000);
  expect(runsOf(muster.events)).toBe(2);
});

test("a planned reboot that does not come is said, and asked for again", async () => {
  const world = await createWorld();
  world.packages.reboot = { required: true, reasons: ["libc6 asks for a reboot"] };
  const { muster } = await begin(world);
  await world.clock.advance(1_000);
  expect(muster.status.current().state).toBe("rebooting");
  await world.clock.advance(9 * 60_000);
  expect(world.machine.calls).toEqual(["reboot"]);
  await world.clock.advance(3 * 60_000);
  expect(story(muster.events)).toContain("notice reboot-failed");
  expect(world.machine.calls).toEqual(["reboot", "reboot"]);
  expect(runsOf(muster.events), "it is the same run").toBe(2);
  expect(new Set(muster.events.flatMap(({ run }) => run ?? [])).size).toBe(1);
});
