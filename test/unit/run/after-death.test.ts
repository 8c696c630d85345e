// What the next agent makes of what a dead one, or a bad disk, left.
import { expect, test } from "vitest";
import { resyncStatus } from "../../../src/run/state/resync-status.ts";
import { boot, dieInConverge } from "./die.ts";
import { createWorld, identity, never, story, trouble } from "./world.ts";

test.for([
  "status.json",
  "applied.json",
  "reboots.json",
  "instance.json",
  "tags.json",
  "membership.json",
  "pause.json",
])("%s is garbled: it is set aside and said, and the run goes its way", async (name) => {
  const world = await createWorld();
  const muster = await dieInConverge(world, boot);
  await muster.status.flush();
  world.files.texts.set(name, '{"v":1,"at":"2026-');
  const next = await world.start();
  expect(await next.executor.start(never)).toMatchObject({ kind: "in-service" });
  expect(world.files.texts.get(`${name}.unreadable-1`)).toBe('{"v":1,"at":"2026-');
  expect(story(next.events).filter((line) => line === "notice state-set-aside")).toHaveLength(1);
  const again = await world.start();
  await again.run();
  expect(story(again.events)).not.toContain("notice state-set-aside");
});

test.for([
  ["before it could tell the end", "run-finished"],
  ["between the end and the state that follows from it", "state-changed"],
] as const)("the agent dies %s: the next one tells it, and runs nothing", async ([, last]) => {
  const world = await createWorld();
  const first = await world.start();
  let untold = "";
  first.bus.listen((event) => {
    const isBegin = event.type === "state-changed" && event.state === "starting";
    if (event.type === last && !isBegin) untold ||= JSON.stringify(before);
    before = first.status.current();
  });
  let before = first.status.current();
  await first.executor.start(never);
  world.files.texts.set("status.json", untold);
  expect(JSON.parse(untold)).toMatchObject({ state: "starting" });

  const next = await world.start();
  expect(await next.executor.start(never)).toBeUndefined();
  expect(next.status.current()).toMatchObject({
    state: "in-service",
    reason: "every gate passed",
    run: { finished: true, end: "in-service" },
  });
  expect(story(next.events)).toEqual(["end in-service", "state in-service"]);
  const again = await world.start();
  await again.executor.start(never);
  expect(story(again.events), "it is told once").toEqual([]);
});

test("the agent dies between the desired state and the report that the instance leaves: the next one reports it", async () => {
  const world = await createWorld();
  const first = await world.start();
  await first.executor.start(never);
  await first.status.flush();
  const serving = world.files.texts.get("status.json") ?? "";
  await first.drain();
  world.files.texts.set("status.json", serving);

  const next = await world.start();
  expect(next.status.current()).toMatchObject({ state: "in-service" });
  expect(await next.executor.start(never)).toBeUndefined();
  expect(next.status.current()).toMatchObject({ state: "leaving", reason: "operator drains" });
  resyncStatus({ ...next, clock: world.clock }, { agrees: true });
  expect(next.status.current()).toMatchObject({ state: "out-of-service", reason: "operator drains" });
});

test.for([
  ["a run finds it again", undefined, { kind: "in-service" }],
  ["a run that fails takes nothing out", trouble("converge-failed"), { kind: "failed", stage: "converge" }],
] as const)("the status of an instance in service is lost: %s", async ([, failure, end]) => {
  const world = await createWorld();
  await (await world.start()).executor.start(never);
  world.files.texts.set("status.json", "garbled");
  const next = await world.start();
  if (failure !== undefined) {
    world.engine.during = () => {
      throw failure;
    };
  }
  expect(await next.executor.start(never)).toMatchObject(end);
  expect(next.status.current()).toMatchObject({ state: "in-service", run: { finished: true } });
  expect(next.membership.status().wish?.want).toBe("in");
});

test.for([
  ["is garbled", () => "garbled"],
  ["is of a newer format", (text: string) => text.replace('"v":1', '"v":2')],
] as const)(
  "what an instance in service is here for %s: a run finds it again, and takes nothing out",
  async ([, change]) => {
    const world = await createWorld();
    await (await world.start()).executor.start(never);
    world.files.texts.set("duty.json", change(world.files.texts.get("duty.json") ?? ""));
    const next = await world.start();
    expect(next.duty.current()).toBeUndefined();
    expect(await next.executor.start(never)).toMatchObject({ kind: "in-service" });
    expect(next.duty.current()).toMatchObject({ role: { name: "web" } });
    expect(story(next.events)).not.toContain("state starting");
    expect(await (await world.start()).executor.start(never), "it is found once").toBeUndefined();
  },
);

test("a run that never knew its role is not made again by a restart", async () => {
  const world = await createWorld();
  world.repo.failFetchForEver(trouble("config-fetch-failed", true));
  expect(await (await world.start()).executor.start(never)).toMatchObject({ kind: "held", stage: "config" });
  expect(await (await world.start()).executor.start(never)).toBeUndefined();
});

test.for([
  ["after the run had ended", false, "reboot"],
  ["in mid-run", true, "interrupted-reboot"],
] as const)(
  "whose state it is was lost, and the machine went down %s: the journal tells",
  async ([, interrupted, type]) => {
    const world = await createWorld();
    if (interrupted) await dieInConverge(world, boot);
    else await (await world.start()).executor.start(never);
    world.files.texts.set("instance.json", "garbled");
    world.bootId = "boot-2";
    const next = await world.start();
    expect(await next.executor.start(never)).toMatchObject({ kind: "in-service" });
    expect(next.events.find((event) => event.type === "run-started")).toMatchObject({ startType: type });
    expect(await world.files.list("runs")).toHaveLength(interrupted ? 1 : 2);
  },
);

test("whose state it is was lost, and it is another instance's: that one keeps its places", async () => {
  const world = await createWorld();
  await (await world.start()).executor.start(never);
  world.files.texts.set("instance.json", "garbled");
  world.bootId = "boot-2";
  world.identity = () => ({ ...identity, instance: { ...identity.instance, id: "i-2" } });
  const clone = await world.start();
  expect(await clone.executor.start(never)).toMatchObject({ kind: "in-service" });
  expect(story(clone.events)).toContain("notice state-of-clone-removed");
  expect(world.balancer.members()).toEqual(["web-dev/i-1-80", "web-dev/i-2-80"]);
});
