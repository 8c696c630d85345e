import { expect, test } from "vitest";
import { answerHooks } from "../../../src/scaling-group/answer-hooks.ts";
import type { GroupMembership } from "../../../src/ports/lifecycle.ts";
import { createFakeLifecycle, launchHook, launching } from "../../fakes/lifecycle.ts";
import { createVirtualClock } from "../../fakes/virtual-clock.ts";
import { createWorld, identity, never } from "../run/world.ts";

async function answer(group: GroupMembership, deaf: number): Promise<readonly string[]> {
  const lifecycle = createFakeLifecycle(group);
  lifecycle.deaf = deaf;
  await answerHooks({ lifecycle, clock: createVirtualClock() }, group, group.pending, "continue", never);
  return lifecycle.calls;
}

test("a hook of which Auto Scaling says that none waits is completed again until the group moves on", async () => {
  expect(await answer(launching([]), 0)).toEqual(["CONTINUE web/ready"]);
  expect(await answer(launching([]), 5)).toEqual(["CONTINUE web/ready"]);
});

test("a group that does not move on is no success, and is tried again", async () => {
  await expect(answer(launching([]), Infinity)).rejects.toMatchObject({ code: "hook-still-waits", transient: true });
});

test("an accepted answer counts where the hook of another program keeps the instance waiting", async () => {
  const group: GroupMembership = { ...launching([]), others: ["backup"] };
  const lifecycle = createFakeLifecycle(group);
  lifecycle.state = () => Promise.reject(new Error("the state tells nothing here"));
  await answerHooks({ lifecycle, clock: createVirtualClock() }, group, group.pending, "continue", never);
  expect(lifecycle.calls).toEqual(["CONTINUE web/ready"]);
  expect(await answer(group, 3)).toEqual(["CONTINUE web/ready"]);
});

test.each([
  // The settings rely on the hook, so the preflight finds it out.
  ["abandon", { stage: "preflight", error: { code: "preflight-failed", subjects: ["hooks-unclaimed"] } }],
  ["hold", { stage: "register", error: { code: "hooks-unclaimed" } }],
] as const)(
  "of hooks that nobody claims none is completed: the launch is held with the remedy (onFailure: %s)",
  async (rule, end) => {
    const world = await createWorld();
    world.onFailure = rule;
    const unclaimed = [launchHook("ready"), launchHook("theirs")];
    world.lifecycle.group = { ...launching([], []), unclaimed };
    const process = await world.start();
    expect(await process.run({ cause: "boot" })).toMatchObject({ kind: "held", ...end });
    expect(world.lifecycle.calls.filter((call) => !call.startsWith("heartbeat"))).toEqual([]);
    expect(world.balancer.members()).toEqual([]);
  },
);

test("a hook that does not wait yet is completed once it does", async () => {
  const world = await createWorld();
  world.lifecycle.group = launching([]);
  world.lifecycle.deaf = 3;
  const process = await world.start();
  expect(await process.run({ cause: "boot" })).toMatchObject({ kind: "in-service" });
  expect(world.lifecycle.group?.state).toBe("in-service");
});

test("a role that no tag names, and no setting, replaces nobody: tags may be late", async () => {
  const world = await createWorld();
  world.onFailure = "abandon";
  world.lifecycle.group = launching([]);
  world.identity = () => ({ ...identity, tags: {} });
  const process = await world.start();
  expect(await process.run({ cause: "boot" })).toMatchObject({ kind: "held", error: { code: "role-missing" } });
  expect(world.lifecycle.calls).toEqual(["heartbeat web/ready"]);
});
