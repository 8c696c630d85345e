import { beforeEach, expect, test } from "vitest";
import { createWorld, story, trouble, type World } from "./world.ts";

const gone = trouble("aws-unreachable", true);
let world: World;

beforeEach(async () => {
  world = await createWorld();
});

async function rebootInService(): Promise<void> {
  await (await world.start()).run({ cause: "boot" });
  world.bootId = "boot-2";
}

test("an instance that served, passes its gates and reaches nobody stays in service", async () => {
  await rebootInService();
  world.balancer.trouble = gone;
  world.dns.trouble = gone;
  world.tags.trouble = gone;
  const process = await world.start();
  const begun = world.clock.monotonicMs();
  const end = await process.run({ cause: "boot" });
  expect(world.clock.monotonicMs() - begun).toBeLessThan(90_000);
  expect(end).toMatchObject({
    kind: "unconfirmed",
    note: expect.stringContaining("there is aws-unreachable") as string,
  });
  expect(story(process.events).slice(-3)).toEqual(["register failed", "end unconfirmed", "state in-service"]);
  expect(process.membership.status().wish).toMatchObject({ want: "in", bootId: "boot-2" });
  expect(process.status.current().reason).toContain("as it was before the boot");
});

test("so it does when Auto Scaling cannot be asked either", async () => {
  await rebootInService();
  world.lifecycle.trouble = gone;
  const process = await world.start();
  expect(await process.run({ cause: "boot" })).toMatchObject({ kind: "unconfirmed" });
  expect(process.membership.status().wish).toMatchObject({ want: "in", bootId: "boot-2" });
});

test("a crash in between changes nothing about it", async () => {
  await rebootInService();
  world.balancer.trouble = gone;
  const first = await world.start();
  const crash = new AbortController();
  const { detached } = await import("../../../src/ports/unit-runner.ts");
  world.clock.sleep(30_000, crash.signal).then(
    () => crash.abort(detached),
    () => undefined,
  );
  await expect(first.executor.start(crash.signal)).rejects.toBe(detached);
  const second = await world.start();
  expect(await second.executor.start(new AbortController().signal)).toMatchObject({ kind: "unconfirmed" });
});

test("what was never in service is held by the same outage", async () => {
  world.balancer.trouble = gone;
  const process = await world.start();
  expect(await process.run({ cause: "boot" })).toMatchObject({ kind: "held", error: { code: "aws-unreachable" } });
});

test("a refusal is no outage, and neither is a gate that does not pass", async () => {
  await rebootInService();
  world.balancer.trouble = trouble("aws-access-denied", true);
  expect(await (await world.start()).run({ cause: "boot" })).toMatchObject({ kind: "held", stage: "register" });
  world = await createWorld();
  await rebootInService();
  world.balancer.trouble = gone;
  world.healthy = false;
  expect(await (await world.start()).run({ cause: "boot" })).toMatchObject({ kind: "held", stage: "health" });
});
