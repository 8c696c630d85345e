import { expect, test } from "vitest";
import { createWorld, stopPoint, story, trouble } from "../run/world.ts";
import { begin, runsOf } from "./begin.ts";

test("settings that are read again take the daemon down to the lock and up again, without a run and in service", async () => {
  const world = await createWorld();
  const { muster, processes, services, reloads } = await begin(world);
  await world.clock.advance(0);
  const calls = services.calls.length;
  const waits = { asked: 0 };
  services.cloudInit = async () => {
    waits.asked += 1;
    return "done";
  };
  reloads.ask();
  await world.clock.advance(0);
  expect(processes).toHaveLength(2);
  const after = services.calls.slice(calls);
  expect(after.filter((call) => ["listen", "close", "reloading", "ready", "stopping"].includes(call))).toEqual([
    "reloading",
    "close",
    "listen",
    "ready",
  ]);
  expect(after).not.toContain("stop muster-ready.target");
  expect(waits.asked, "cloud-init is waited for once in a boot").toBe(0);
  expect(story(muster.events).at(-1)).toBe("notice settings-reloaded");
  const next = processes[1];
  expect(runsOf(next?.events ?? [])).toBe(0);
  expect(next?.status.current().state).toBe("in-service");
  await expect(world.lock.acquire("another", 0, new AbortController().signal, () => undefined)).rejects.toThrow();

  world.balancer.forgetAll();
  await world.clock.advance(60_000);
  expect(world.balancer.members(), "the watch goes on").toEqual(["web-dev/i-1-80"]);
});

test("what is not valid is said, and those before stay in force", async () => {
  const world = await createWorld();
  let valid = false;
  const { muster, processes, services, reloads } = await begin(world, {
    readAgain() {
      if (!valid) throw trouble("settings-invalid");
    },
  });
  await world.clock.advance(0);
  reloads.ask();
  await world.clock.advance(0);
  expect(story(muster.events).at(-1)).toBe("notice settings-invalid");
  expect(processes).toHaveLength(1);
  expect(services.calls).not.toContain("reloading");
  await muster.run();
  valid = true;
  reloads.ask();
  await world.clock.advance(0);
  expect(processes).toHaveLength(2);
});

test("a run is not ended by it: what is wrong is said at once, what is right waits for the run", async () => {
  const world = await createWorld();
  let valid = false;
  const { muster, processes, reloads } = await begin(world, {
    readAgain() {
      if (!valid) throw trouble("settings-invalid");
    },
  });
  await world.clock.advance(0);
  const point = stopPoint();
  world.engine.during = point.here;
  const running = muster.run();
  await point.reached;
  reloads.ask();
  await world.clock.advance(0);
  expect(story(muster.events)).toContain("notice settings-invalid");
  valid = true;
  reloads.ask();
  await world.clock.advance(60_000);
  expect(processes).toHaveLength(1);
  point.go();
  expect(await running).toMatchObject({ kind: "in-service" });
  await world.clock.advance(0);
  expect(processes).toHaveLength(2);
});

test("settings that became invalid while a run was waited for let the next run begin", async () => {
  const world = await createWorld();
  let reads = 0;
  const { muster, processes, reloads } = await begin(world, {
    readAgain() {
      reads += 1;
      if (reads === 2) throw trouble("settings-invalid");
    },
  });
  await world.clock.advance(0);
  reloads.ask();
  await world.clock.advance(0);
  expect(processes).toHaveLength(1);
  expect(await muster.run()).toMatchObject({ kind: "in-service" });
});

test("a drain is waited for too", async () => {
  const world = await createWorld();
  const { muster, processes, reloads } = await begin(world);
  await world.clock.advance(0);
  const drained = muster.drain();
  await world.clock.advance(0);
  reloads.ask();
  await world.clock.advance(10_000);
  expect(processes).toHaveLength(1);
  await world.clock.advance(60_000);
  await drained;
  expect(processes).toHaveLength(2);
  expect(processes[1]?.status.current().state).toBe("out-of-service");
});
