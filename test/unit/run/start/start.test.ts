import { expect, test } from "vitest";
import type { Tags } from "../../../../src/domain/instance/instance.ts";
import { detached } from "../../../../src/ports/unit-runner.ts";
import { boot, dieInConverge } from "../die.ts";
import { createWorld, never, story, trouble, type World } from "../world.ts";

test("the agent dies in mid-run: what was done is replayed, what was half done is done again", async () => {
  const world = await createWorld();
  await dieInConverge(world, boot);
  const muster = await world.start();
  expect(await muster.executor.start(never)).toEqual({ kind: "in-service", changed: true });
  expect(muster.events[0]).toMatchObject({
    type: "run-started",
    startType: "crash-restart",
    resumed: true,
    run: "0001-8000",
  });
  expect(story(muster.events)).toEqual(
    expect.arrayContaining([
      "config replayed",
      "index replayed",
      "patch replayed",
      "converge changed",
      "health unchanged",
    ]),
  );
  expect(story(muster.events)).toContain("identity replayed");
  expect(story(muster.events)).toContain("clock unchanged");
  expect(world.packages.calls).toEqual(["refresh"]);
  expect(world.repo.log.filter((line) => line === "fetch")).toHaveLength(1);
});

test("the agent dies after converge: converge is replayed, health is asked again", async () => {
  const world = await createWorld();
  const first = await world.start();
  const death = new AbortController();
  first.bus.listen((event) => {
    if (event.type === "stage-started" && event.stage === "health") death.abort(detached);
  });
  await expect(first.executor.start(death.signal)).rejects.toBe(detached);
  world.healthy = false;
  const muster = await world.start();
  expect(await muster.executor.start(never)).toMatchObject({ kind: "held", stage: "health" });
  expect(story(muster.events)).toContain("converge replayed");
  expect(world.engine.runs).toHaveLength(1);
});

test("the machine goes down in mid-run: the run stays pinned, the machine is asked again", async () => {
  const world = await createWorld();
  await dieInConverge(world, boot);
  await world.repo.remote.commitFiles({ "other.txt": "x" }, "second");
  world.bootId = "boot-2";
  const muster = await world.start();
  expect(muster.status.current().state).toBe("starting");
  expect(await muster.executor.start(never)).toMatchObject({ kind: "in-service" });
  expect(muster.events[0]).toMatchObject({ startType: "interrupted-reboot", resumed: true });
  const told = story(muster.events);
  expect(told).toEqual(
    expect.arrayContaining(["identity unchanged", "config replayed", "patch unchanged", "converge changed"]),
  );
  expect(world.packages.calls).toEqual(["refresh", "refresh"]);
});

/** What the cloud says of this instance from now on. */
function become(world: World, address: string, tags: Tags = {}): void {
  const { instance, ...rest } = world.identity();
  const moved = { ...instance, addresses: { ...instance.addresses, ipv4: [address] } };
  world.identity = () => ({ ...rest, instance: moved, tags: { ...rest.tags, ...tags } });
}

test("stopped and started in mid-run: the address and the role of now are published, not those of the journal", async () => {
  const world = await createWorld();
  await dieInConverge(world, boot);
  become(world, "10.0.0.2", { "muster:role": "other" });
  world.bootId = "boot-2";
  const muster = await world.start();
  await muster.executor.start(never);
  expect(muster.status.current()).toMatchObject({ role: "other", instance: { addresses: { ipv4: ["10.0.0.2"] } } });
  expect(world.dns.records().filter((line) => line.includes("10.0.0.1"))).toEqual([]);
});

test("a run that goes on after a crash publishes the address of now", async () => {
  const world = await createWorld();
  await dieInConverge(world, boot);
  become(world, "10.0.0.2");
  const muster = await world.start();
  await muster.executor.start(never);
  expect(story(muster.events)).toEqual(expect.arrayContaining(["identity replayed", "notice address-changed"]));
  expect(world.dns.records()).toEqual(["i-1.example.internal 30 A 10.0.0.2"]);
  expect(muster.status.current()).toMatchObject({ instance: { addresses: { ipv4: ["10.0.0.2"] } } });
});

test("a run that began on an instance that served and goes on after a reboot can be held: it serves no more", async () => {
  const world = await createWorld();
  const first = await world.start();
  await first.executor.start(never);
  await dieInConverge(world, (muster, signal) => muster.run({}, signal));
  world.bootId = "boot-2";
  world.healthy = false;
  const muster = await world.start();
  expect(await muster.executor.start(never)).toMatchObject({ kind: "held", stage: "health" });
  expect(world.balancer.members()).toEqual([]);
});

test("a run that began on an instance that served and goes on after a crash leaves it in service", async () => {
  const world = await createWorld();
  const first = await world.start();
  await first.executor.start(never);
  await dieInConverge(world, (muster, signal) => muster.run({}, signal));
  world.healthy = false;
  const muster = await world.start();
  expect(await muster.executor.start(never)).toMatchObject({ kind: "failed", stage: "health" });
  expect(world.balancer.members()).toEqual(["web-dev/i-1-80"]);
});

test("a reboot makes a new run", async () => {
  const world = await createWorld();
  const first = await world.start();
  await first.executor.start(never);
  world.bootId = "boot-2";
  const muster = await world.start();
  await muster.executor.start(never);
  expect(muster.events[0]).toMatchObject({ startType: "reboot", resumed: false, run: "0002-8000" });
});

test("a restart of the agent after its run makes none and leaves the instance in service", async () => {
  const world = await createWorld();
  const first = await world.start();
  await first.executor.start(never);
  const muster = await world.start();
  expect(await muster.executor.start(never)).toBeUndefined();
  expect(muster.events).toEqual([]);
  expect(muster.status.current().state).toBe("in-service");
});

test("a restart makes no run either when the boot run's journal is no longer kept", async () => {
  const world = await createWorld();
  const first = await world.start();
  await first.executor.start(never);
  for (let count = 0; count < 25; count += 1) await first.run();
  const muster = await world.start();
  expect(await muster.executor.start(never)).toBeUndefined();
});

test.each([{ role: "other" }, { ref: "main" }, { stages: ["converge"] as const }])(
  "a boot does not go on with a trial or a part of a run: %j",
  async (request) => {
    const world = await createWorld();
    await dieInConverge(world, (muster, signal) => muster.run(request, signal));
    world.bootId = "boot-2";
    const muster = await world.start();
    expect(await muster.executor.start(never)).toMatchObject({ kind: "in-service" });
    expect(muster.events[0]).toMatchObject({ cause: "boot", resumed: false });
    expect(muster.status.current().role).toBe("web");
  },
);

test("whoever asks for a whole run after a trial that died gets one, after the end of the trial", async () => {
  const world = await createWorld();
  await dieInConverge(world, (muster, signal) => muster.run({ role: "other" }, signal));
  const muster = await world.start();
  await muster.run();
  expect(muster.events.flatMap((event) => (event.type === "run-started" ? [event.run] : []))).toEqual([
    "0001-8000",
    "0002-8000",
  ]);
  expect(muster.status.current().role).toBe("web");
});

test("a whole run that died answers whoever asks for one", async () => {
  const world = await createWorld();
  await dieInConverge(world, boot);
  const muster = await world.start();
  expect(await muster.run()).toMatchObject({ kind: "in-service" });
  expect(muster.events.filter((event) => event.type === "run-started")).toHaveLength(1);
});

test("a journal that cannot be read is set aside and a fresh run made; the wish is kept", async () => {
  const world = await createWorld();
  const first = await world.start();
  await first.executor.start(never);
  await first.drain();
  world.files.texts.set("runs/0001-8000/journal.jsonl", "of another version\n");
  world.bootId = "boot-2";
  const muster = await world.start();
  expect(await muster.executor.start(never)).toMatchObject({ kind: "done" });
  expect(story(muster.events)[0]).toBe("notice journal-set-aside");
  expect(world.files.texts.has("runs/0001-8000.unreadable-1/journal.jsonl")).toBe(true);
  expect(world.balancer.members()).toEqual([]);
});

/** A machine made from an image of another one, which still serves. */
async function cloneOf(world: World): Promise<void> {
  const first = await world.start();
  await first.executor.start(never);
  const { instance, tags } = world.identity();
  world.identity = () => ({ instance: { ...instance, id: "i-2", addresses: { ipv4: ["10.0.0.2"], ipv6: [] } }, tags });
  world.bootId = "boot-2";
}

test("a clone removes the state of the instance it was made from, and touches nothing of that one", async () => {
  const world = await createWorld();
  await cloneOf(world);
  const muster = await world.start();
  expect(await muster.executor.start(never)).toMatchObject({ kind: "in-service" });
  expect(story(muster.events)[0]).toBe("notice state-of-clone-removed");
  expect(muster.events.find((event) => event.type === "run-started")).toMatchObject({
    startType: "clone",
    run: "0001-8000",
  });
  expect(world.balancer.members()).toEqual(["web-dev/i-1-80", "web-dev/i-2-80"]);
  expect(world.dns.records()).toHaveLength(2);
  expect(muster.status.current().instance?.id).toBe("i-2");
});

test("a clone that cannot tell who it is takes nothing of the other instance away", async () => {
  const world = await createWorld();
  await cloneOf(world);
  const { identity } = world;
  world.identity = () => {
    throw trouble("imds-unreachable");
  };
  const muster = await world.start();
  expect(await muster.executor.start(never)).toMatchObject({ kind: "held", stage: "identity" });
  expect(world.balancer.members()).toEqual(["web-dev/i-1-80"]);
  world.identity = identity;
  expect(await muster.run()).toMatchObject({ kind: "in-service" });
  expect(world.balancer.members()).toEqual(["web-dev/i-1-80", "web-dev/i-2-80"]);
});

test("a clone that learns who it is only in the run takes nothing of the other instance away", async () => {
  const world = await createWorld();
  await cloneOf(world);
  const { identity } = world;
  let reads = 0;
  world.identity = () => {
    reads += 1;
    if (reads === 1) throw trouble("imds-unreachable");
    return identity();
  };
  const muster = await world.start();
  expect(await muster.executor.start(never)).toMatchObject({
    kind: "held",
    error: { code: "state-of-another-instance" },
  });
  expect(world.balancer.members()).toEqual(["web-dev/i-1-80"]);
  expect(await muster.run()).toMatchObject({ kind: "in-service" });
  expect(world.balancer.members()).toEqual(["web-dev/i-1-80", "web-dev/i-2-80"]);
});

test("nothing is written before it is known whose state this is, but the journal", async () => {
  const world = await createWorld();
  world.identity = () => {
    throw trouble("imds-unreachable");
  };
  const muster = await world.start();
  await muster.executor.start(never);
  expect([...world.files.texts.keys()].toSorted()).toEqual(["runs/0001-8000/journal.jsonl", "status.json"]);
});

test("a part of a run that died before the boot run is ended first, and the boot run made", async () => {
  const world = await createWorld();
  await dieInConverge(world, (muster, signal) => muster.run({ stages: ["converge"] }, signal));
  const muster = await world.start();
  expect(await muster.executor.start(never)).toMatchObject({ kind: "in-service" });
  expect(story(muster.events).filter((line) => line.startsWith("end "))).toEqual(["end done", "end in-service"]);
});
