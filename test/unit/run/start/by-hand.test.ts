import { expect, test } from "vitest";
import { createWorld, never, stopPoint, story, trouble, type Process, type World } from "../world.ts";

async function inService(): Promise<{ world: World; muster: Process }> {
  const world = await createWorld();
  const muster = await world.start();
  expect(await muster.executor.start(never)).toMatchObject({ kind: "in-service" });
  return { world, muster };
}

function states({ events }: Process): readonly string[] {
  return story(events).filter((line) => line.startsWith("state "));
}

test("drain leaves the balancer and DNS, serves until users have forgotten, and says so", async () => {
  const { world, muster } = await inService();
  const begun = world.clock.monotonicMs();
  expect(await muster.drain()).toEqual({ kind: "done", changed: true, note: "operator drains" });
  expect(world.balancer.members()).toEqual([]);
  expect(world.dns.records()).toEqual([]);
  expect(world.clock.monotonicMs() - begun).toBeGreaterThanOrEqual(30_000);
  expect(states(muster).slice(-2)).toEqual(["state leaving", "state out-of-service"]);
  expect(muster.status.current()).toMatchObject({ state: "out-of-service", reason: "operator drains" });
  expect(world.tags.current()).toMatchObject({ "muster:state": "out-of-service" });
});

test("an operator's drain outlives runs, restarts and reboots, until join", async () => {
  const { world, muster } = await inService();
  await muster.drain();
  expect(await muster.run()).toMatchObject({ kind: "done", note: "operator drains; muster join brings it back" });
  expect(muster.status.current().state).toBe("out-of-service");
  world.bootId = "boot-2";
  const after = await world.start();
  expect(await after.executor.start(never)).toMatchObject({ kind: "done" });
  expect(after.status.current().state).toBe("out-of-service");
  expect(world.balancer.members()).toEqual([]);

  expect(await after.join()).toMatchObject({ kind: "in-service" });
  expect(world.balancer.members()).toEqual(["web-dev/i-1-80"]);
  expect(after.status.current().state).toBe("in-service");
});

test("a run on a drained instance does not say that it is starting", async () => {
  const { muster } = await inService();
  await muster.drain();
  const before = states(muster).length;
  await muster.run();
  expect(states(muster).slice(before)).toEqual(["state out-of-service"]);
});

test("a shutdown's drain holds for its boot and ends with it", async () => {
  const { world, muster } = await inService();
  await muster.drain("shutdown");
  expect(await muster.run()).toMatchObject({ kind: "done" });
  expect(world.balancer.members()).toEqual([]);
  world.bootId = "boot-2";
  const after = await world.start();
  expect(await after.executor.start(never)).toMatchObject({ kind: "in-service" });
});

test("a shutdown does not make a person's drain forgotten", async () => {
  const { world, muster } = await inService();
  await muster.drain();
  await muster.drain("shutdown");
  world.bootId = "boot-2";
  const after = await world.start();
  expect(await after.executor.start(never)).toMatchObject({ kind: "done" });
  expect(world.balancer.members()).toEqual([]);
});

test.each(["operator", "shutdown"] as const)("a run gives way to a drain (%s) while it works", async (by) => {
  const world = await createWorld();
  const point = stopPoint();
  world.engine.during = point.here;
  const muster = await world.start();
  const running = muster.executor.start(never);
  await point.reached;
  await muster.drain(by);
  point.go();
  expect(await running).toMatchObject({ kind: "done", note: `${by} drains; muster join brings it back` });
  expect(world.balancer.members()).toEqual([]);
  expect(muster.status.current().state).toBe("out-of-service");
});

test("a run gives way to a drain while it joins; who drains says when it is over", async () => {
  const world = await createWorld();
  world.balancer.passes = () => false;
  const muster = await world.start();
  const drained = Promise.withResolvers<unknown>();
  muster.bus.listen((event) => {
    if (event.type === "stage-progress" && event.stage === "register" && event.waiting) drained.resolve(muster.drain());
  });
  expect(await muster.executor.start(never)).toMatchObject({ kind: "done", note: "operator drains" });
  expect(muster.status.current().state).toBe("leaving");
  await drained.promise;
  expect(muster.status.current().state).toBe("out-of-service");
  expect(world.balancer.members()).toEqual([]);
});

test("a drain that cannot take everything away fails, and the rest is taken away", async () => {
  const { world, muster } = await inService();
  world.dns.trouble = trouble("dns-refused");
  await expect(muster.drain()).rejects.toMatchObject({ code: "dns-refused" });
  expect(world.balancer.members()).toEqual([]);
  expect(muster.status.current().state).toBe("leaving");
});

test("what takes an instance out for a while gives way to whoever is stronger, and never brings back what they took out", async () => {
  const { world, muster } = await inService();
  expect(await muster.ask("out", "notice")).toMatchObject({ kind: "done", note: "notice wants it out" });
  expect(await muster.run()).toMatchObject({ note: "notice wants it out; it comes back by itself when that is over" });
  expect(await muster.ask("in", "health")).toMatchObject({ kind: "done", note: "notice wants it out" });
  await muster.drain();
  expect(await muster.ask("out", "notice")).toMatchObject({ note: "operator drains" });
  expect(await muster.ask("in", "notice")).toMatchObject({ kind: "done", note: "operator drains" });
  expect(world.balancer.members()).toEqual([]);
  expect(muster.membership.status().wish).toMatchObject({ want: "out", by: "operator" });
});

test("what is over brings the instance back through the gates, and says so", async () => {
  const { world, muster } = await inService();
  await muster.ask("out", "notice");
  expect(await muster.ask("in", "notice")).toMatchObject({ kind: "in-service" });
  expect(world.balancer.members()).toEqual(["web-dev/i-1-80"]);
  expect(muster.status.current().run).toMatchObject({ cause: "return" });
});

test("an instance that was taken out to be patched comes back with the run that patches, and with no other", async () => {
  const { world, muster } = await inService();
  await muster.ask("out", "patch");
  expect(await muster.run({ cause: "schedule" })).toMatchObject({ kind: "done" });
  expect(world.balancer.members()).toEqual([]);
  expect(await muster.run({ cause: "patch" })).toMatchObject({ kind: "in-service" });
});

test("patched and held: the retries bring it back", async () => {
  const { world, muster } = await inService();
  await muster.ask("out", "patch");
  world.healthy = false;
  expect(await muster.run({ cause: "patch" })).toMatchObject({ kind: "held" });
  world.healthy = true;
  expect(await muster.run({ cause: "retry" })).toMatchObject({ kind: "in-service" });
});

test("join asks the health gate and does not converge again", async () => {
  const { world, muster } = await inService();
  await muster.drain();
  const runs = world.engine.runs.length;
  expect(await muster.join()).toMatchObject({ kind: "in-service" });
  expect(world.engine.runs).toHaveLength(runs);
  expect(story(muster.events)).toContain("converge skipped");
});

test("join of an instance that was never converged makes a whole run", async () => {
  const world = await createWorld();
  const muster = await world.start();
  expect(await muster.join()).toMatchObject({ kind: "in-service" });
  expect(world.engine.runs).toHaveLength(1);
});

test("join that a gate does not let through takes the drain back all the same: the next run joins", async () => {
  const { world, muster } = await inService();
  await muster.drain();
  world.healthy = false;
  expect(await muster.join()).toMatchObject({ kind: "held", stage: "health" });
  expect(world.balancer.members()).toEqual([]);
  world.healthy = true;
  expect(await muster.executor.run({ cause: "retry", dryRun: false }, 0, () => undefined, never)).toMatchObject({
    kind: "in-service",
  });
});

test("the last word of two people counts: a drain during a join", async () => {
  const { world, muster } = await inService();
  await muster.drain();
  const drained = Promise.withResolvers<unknown>();
  muster.bus.listen((event) => {
    if (event.type === "stage-started" && event.stage === "health") drained.resolve(muster.drain());
  });
  expect(await muster.join()).toMatchObject({ kind: "done" });
  await drained.promise;
  expect(world.balancer.members()).toEqual([]);
});

test("the last word of two people counts: a join during a drain, which says that it was taken back", async () => {
  const { world, muster } = await inService();
  world.balancer.openConnections("web-dev/i-1-80", 5);
  const joined = Promise.withResolvers<unknown>();
  muster.bus.listen((event) => {
    if (event.type === "stage-progress" && event.waiting && event.stage === "register") joined.resolve(muster.join());
  });
  expect(await muster.drain()).toMatchObject({ kind: "done", note: expect.stringContaining("taken back") as string });
  expect(await joined.promise).toMatchObject({ kind: "in-service" });
  expect(world.balancer.members()).toEqual(["web-dev/i-1-80"]);
  expect(muster.status.current().state).toBe("in-service");
});

test("two runs at once: the second waits its turn, or is told who is at work", async () => {
  const world = await createWorld();
  const point = stopPoint();
  world.engine.during = point.here;
  const muster = await world.start();
  const first = muster.executor.start(never);
  await point.reached;
  const request = { cause: "manual", dryRun: false } as const;
  await expect(muster.executor.run(request, 0, () => undefined, never)).rejects.toMatchObject({
    code: "lock-held",
    message: expect.stringContaining("the boot run") as string,
  });
  world.clock.freeze();
  const heard: string[] = [];
  const second = muster.executor.run(request, 60_000, (event) => void heard.push(event.type), never);
  point.go();
  expect(await first).toMatchObject({ kind: "in-service" });
  expect(await second).toMatchObject({ kind: "in-service", changed: true });
  expect(heard[0]).toBe("notice");
});

test("commands without a daemon take turns, and each knows what the one before it did", async () => {
  const world = await createWorld();
  const [one, two, three] = [await world.command(), await world.command(), await world.command()];
  const point = stopPoint();
  world.engine.during = point.here;
  const running = one.run();
  await point.reached;
  world.clock.freeze();
  const drained = two.drain();
  const again = three.run();
  point.go();
  expect(await running).toMatchObject({ kind: "in-service" });
  await world.clock.advance(60_000);
  expect(await drained).toMatchObject({ kind: "done", changed: true });
  expect(await again).toMatchObject({ kind: "done", note: "operator drains; muster join brings it back" });
  expect(world.balancer.members()).toEqual([]);
  expect((await world.command()).status.current().state).toBe("out-of-service");
});

test("a clone that is drained before its boot run takes nothing of the other instance away", async () => {
  const { world } = await inService();
  const { instance, tags } = world.identity();
  world.identity = () => ({ instance: { ...instance, id: "i-2" }, tags });
  world.bootId = "boot-2";
  const clone = await world.start();
  expect(await clone.drain()).toMatchObject({ kind: "done" });
  expect(world.balancer.members()).toEqual(["web-dev/i-1-80"]);
  expect(world.dns.records()).toHaveLength(1);
});

test("a drain before the boot run takes away what a power cut left behind", async () => {
  const { world } = await inService();
  world.bootId = "boot-2";
  const muster = await world.start();
  expect(await muster.drain()).toMatchObject({ kind: "done", changed: true });
  expect(world.balancer.members()).toEqual([]);
});

test("join brings back what was converged, not a role that a tag names since then", async () => {
  const { world, muster } = await inService();
  await muster.drain();
  const { instance, tags } = world.identity();
  world.identity = () => ({ instance, tags: { ...tags, "muster:role": "other" } });
  await world.repo.remote.commitFiles({ "other.txt": "not converged" }, "second");
  const { commit } = muster.status.current();
  expect(await muster.join()).toMatchObject({ kind: "in-service" });
  expect(muster.status.current()).toMatchObject({ role: "web", commit });
});
