import { beforeEach, expect, test } from "vitest";
import { launchHook, launching } from "../../fakes/lifecycle.ts";
import { arnOf } from "../../fakes/load-balancer.ts";
import { catalogue, createWorld, never, story, trouble, type World } from "../run/world.ts";

let world: World;

beforeEach(async () => {
  world = await createWorld();
});

/** What Auto Scaling does in the group's own target groups once nothing waits any longer. */
function registerWhenLaunched(): void {
  world.lifecycle.onLaunched = () =>
    world.balancer.plant({ group: "web-dev", member: "i-1-80", address: "10.0.0.1", port: 80 });
}

test("outside Auto Scaling nobody is told anything", async () => {
  const process = await world.start();
  expect(await process.run({ cause: "boot" })).toMatchObject({ kind: "in-service" });
  expect(world.lifecycle.calls).toEqual([]);
});

test("a group that is not attached is joined before the hook is completed", async () => {
  world.lifecycle.group = launching([]);
  let before: readonly string[] = ["never launched"];
  world.lifecycle.onLaunched = () => void (before = world.balancer.calls);
  const process = await world.start();
  expect(await process.run({ cause: "boot" })).toMatchObject({ kind: "in-service" });
  expect(before).toEqual(["register web-dev/i-1-80"]);
  expect(world.lifecycle.calls).toEqual(["heartbeat web/ready", "CONTINUE web/ready"]);
});

test("an attached group gets the instance from Auto Scaling, after the gates and the hook; then come the names", async () => {
  world.lifecycle.group = launching([arnOf("web-dev")]);
  registerWhenLaunched();
  const process = await world.start();
  expect(await process.run({ cause: "boot" })).toMatchObject({ kind: "in-service" });
  expect(world.balancer.calls).toEqual([]);
  expect(world.lifecycle.calls).toEqual(["heartbeat web/ready", "CONTINUE web/ready"]);
  expect(story(process.events).slice(-5)).toEqual([
    "register changed",
    "dns changed",
    "tags changed",
    "end in-service",
    "state in-service",
  ]);
});

test("where both kinds are, the attached one comes last", async () => {
  world = await createWorld(["web-dev", "api"]);
  await world.repo.remote.commitFiles(
    catalogue({
      register: [
        { targetGroup: "web-{environment}", port: 80 },
        { targetGroup: "api", port: 81 },
      ],
    }),
    "two groups",
  );
  world.lifecycle.group = launching([arnOf("web-dev")]);
  registerWhenLaunched();
  const process = await world.start();
  expect(await process.run({ cause: "boot" })).toMatchObject({ kind: "in-service" });
  expect(world.balancer.calls).toEqual(["register api/i-1-81"]);
  expect(world.balancer.members()).toEqual(["api/i-1-81", "web-dev/i-1-80"]);
});

test("gates that do not pass complete no hook, and the hold keeps it waiting", async () => {
  world.lifecycle.group = launching([]);
  world.healthy = false;
  const process = await world.start();
  expect(await process.run({ cause: "boot" })).toMatchObject({ kind: "held" });
  expect(world.lifecycle.calls).toEqual(["heartbeat web/ready"]);
});

test("onFailure: abandon replaces an instance that does not pass, unless a person tries it", async () => {
  world.onFailure = "abandon";
  world.lifecycle.group = launching([]);
  world.healthy = false;
  const process = await world.start();
  await process.run({ cause: "manual" });
  expect(world.lifecycle.calls).not.toContain("ABANDON web/ready");
  await process.run({ cause: "boot" });
  expect(world.lifecycle.calls).toContain("ABANDON web/ready");
  expect(story(process.events)).toContain("notice launch-abandoned");
});

test("an instance that does not become healthy after the hook was completed is held", async () => {
  world.lifecycle.group = launching([arnOf("web-dev")]);
  registerWhenLaunched();
  world.balancer.passes = () => false;
  const process = await world.start();
  const end = await process.run({ cause: "boot" });
  expect(end).toMatchObject({ kind: "held", stage: "register", error: { code: "balancer-not-healthy" } });
  expect(end).toHaveProperty("error.hint", expect.stringContaining("launch hook is completed"));
  expect(world.lifecycle.calls).toEqual(["heartbeat web/ready", "CONTINUE web/ready"]);
});

test("onFailure: abandon replaces it then by saying that it is not healthy, and does not the next time", async () => {
  world.onFailure = "abandon";
  world.lifecycle.group = launching([arnOf("web-dev")]);
  registerWhenLaunched();
  world.balancer.passes = () => false;
  const process = await world.start();
  expect(await process.run({ cause: "boot" })).toMatchObject({ kind: "held", stage: "register" });
  expect(world.lifecycle.calls).toEqual(["heartbeat web/ready", "CONTINUE web/ready", "unhealthy"]);
  expect(story(process.events)).toContain("notice replacement-asked");

  world.lifecycle.group = { ...launching([arnOf("web-dev")], []), state: "termination-waiting" };
  await process.run({ cause: "retry" });
  expect(world.lifecycle.calls.slice(3)).toEqual([]);
});

test("an instance that the group had let serve before is not replaced for what fails later", async () => {
  world.onFailure = "abandon";
  world.lifecycle.group = { ...launching([], []), state: "in-service" };
  world.balancer.passes = () => false;
  const process = await world.start();
  expect(await process.run({ cause: "boot" })).toMatchObject({ kind: "held", stage: "register" });
  expect(world.lifecycle.calls).toEqual([]);
});

test("names that cannot be published replace nobody", async () => {
  world.onFailure = "abandon";
  world.lifecycle.group = launching([]);
  world.dns.trouble = trouble("dns-refused", false);
  const process = await world.start();
  expect(await process.run({ cause: "boot" })).toMatchObject({ kind: "in-service" });
  expect(world.lifecycle.calls).toEqual(["heartbeat web/ready", "CONTINUE web/ready"]);
});

test("a hook that cannot be completed now is tried again", async () => {
  world.lifecycle.group = launching([]);
  const complete = world.lifecycle.complete.bind(world.lifecycle);
  let refusals = 2;
  world.lifecycle.complete = async (...args) => {
    if (refusals > 0) {
      refusals -= 1;
      throw trouble("aws-throttled", true);
    }
    return await complete(...args);
  };
  const process = await world.start();
  expect(await process.run({ cause: "boot" })).toMatchObject({ kind: "in-service" });
  expect(world.lifecycle.calls).toEqual(["heartbeat web/ready", "CONTINUE web/ready"]);
});

test("every launch hook that waits is completed", async () => {
  world.lifecycle.group = launching([], [launchHook("first"), launchHook("second")]);
  const process = await world.start();
  await process.run({ cause: "boot" });
  expect(world.lifecycle.calls.slice(2)).toEqual(["CONTINUE web/first", "CONTINUE web/second"]);
});

test("an instance that is Pending waits for its hook to wait", async () => {
  const waiting = launching([]);
  world.lifecycle.group = { ...waiting, state: "launching", pending: [] };
  setImmediate(() => (world.lifecycle.group = waiting));
  const process = await world.start();
  expect(await process.run({ cause: "boot" })).toMatchObject({ kind: "in-service" });
  expect(world.lifecycle.calls).toContain("CONTINUE web/ready");
});

test("a warm instance is made ready and joins nothing", async () => {
  world.lifecycle.group = { ...launching([]), state: "warm-launch-waiting" };
  const process = await world.start();
  expect(await process.run({ cause: "boot" })).toMatchObject({
    kind: "done",
    note: "prepared for the warm pool of Auto Scaling group web",
  });
  expect(world.balancer.calls).toEqual([]);
  expect(world.dns.records()).toEqual([]);
  expect(world.lifecycle.calls).toContain("CONTINUE web/ready");
  expect(process.status.current().state).toBe("out-of-service");
});

test("a warm instance that is wanted joins, by a boot or without one", async () => {
  for (const bootId of ["boot-1", "boot-2"]) {
    world = await createWorld();
    world.lifecycle.group = { ...launching([]), state: "warm-launch-waiting" };
    const warm = await world.start();
    expect(await warm.executor.start(never)).toMatchObject({ kind: "done", parked: true });
    expect(warm.events[0]).toMatchObject({ startType: "warm-pool" });
    expect(warm.status.current().run?.parked).toBe(true);
    // A boot within the pool stays in it.
    world.bootId = `${bootId}-in-the-pool`;
    world.lifecycle.group = { ...launching([], []), state: "warm" };
    const still = await world.start();
    expect(await still.executor.start(never)).toMatchObject({ kind: "done", parked: true });
    expect(still.events[0]).toMatchObject({ startType: "warm-pool" });

    world.lifecycle.group = launching([]);
    if (bootId === "boot-2") world.bootId = "boot-3";
    const process = bootId === "boot-1" ? still : await world.start();
    const before = process.events.length;
    expect(await process.run({ cause: bootId === "boot-1" ? "wake" : "boot" })).toMatchObject({ kind: "in-service" });
    expect(process.events[before]).toMatchObject({ type: "run-started", startType: "wake" });
  }
});

test.each(["standby", "detached", "termination-waiting"] as const)(
  "an instance in %s joins nothing, and leaves what it is in",
  async (state) => {
    const process = await world.start();
    await process.run({ cause: "boot" });
    world.lifecycle.group = { ...launching([], []), state };
    expect(await process.run({ cause: "schedule" })).toMatchObject({ kind: "done" });
    expect(world.balancer.members()).toEqual([]);
    expect(world.dns.records()).toEqual([]);
    expect(process.status.current().state).toBe("out-of-service");
    world.lifecycle.group = { ...launching([], []), state: "in-service" };
    expect(await process.run({ cause: "schedule" })).toMatchObject({ kind: "in-service" });
  },
);

test("once in service the agent registers the instance itself, in attached groups too", async () => {
  world.lifecycle.group = { ...launching([arnOf("web-dev")], []), state: "in-service" };
  const process = await world.start();
  expect(await process.run({ cause: "boot" })).toMatchObject({ kind: "in-service" });
  expect(world.balancer.calls).toEqual(["register web-dev/i-1-80"]);
});

test("the dry run tells of the hook and tells Auto Scaling nothing", async () => {
  world.lifecycle.group = launching([arnOf("web-dev")]);
  const process = await world.start();
  const planned: string[] = [];
  await process.executor.run(
    { cause: "manual", dryRun: true },
    0,
    (event) => {
      if (event.type === "stage-planned") planned.push(...event.steps.map(({ text }) => text));
    },
    new AbortController().signal,
  );
  expect(planned).toContain("Complete launch hook ready of Auto Scaling group web with CONTINUE");
  expect(world.lifecycle.calls).toEqual([]);
});

test("a group whose hooks cannot hold the instance is told of while it comes into service, and not again", async () => {
  world.lifecycle.group = { ...launching([]), hasLaunchHook: false, pending: [], state: "in-service" };
  const without = await world.start();
  await without.run({ cause: "boot" });
  await without.run({ cause: "schedule" });
  expect(story(without.events).filter((line) => line.startsWith("notice "))).toEqual(["notice launch-hook-missing"]);
});

test("where the settings rely on a hook, the preflight finds it missing, and it is told once", async () => {
  world.onFailure = "abandon";
  world.lifecycle.group = { ...launching([]), hasLaunchHook: false, pending: [], state: "in-service" };
  const without = await world.start();
  await without.run({ cause: "boot" });
  expect(story(without.events).filter((line) => line.startsWith("notice "))).toEqual(["notice launch-hook-missing"]);
  expect(without.status.current().notices[0]?.text).toMatch(/^Foreseen for launch hook: Auto Scaling group web has no/);
});

test("hooks of which nothing says whose they are hold the instance before anything is converged", async () => {
  world.onFailure = "abandon";
  const unclaimed = [launchHook(), { ...launchHook(), name: "other" }];
  world.lifecycle.group = { ...launching([]), pending: [], unclaimed };
  const end = await (await world.start()).run({ cause: "manual" });
  expect(end).toMatchObject({ kind: "held", stage: "preflight", error: { subjects: ["hooks-unclaimed"] } });
  expect(world.engine.runs).toEqual([]);
});

test("a hook that continues by itself is told of; one that abandons is as it should be", async () => {
  world.lifecycle.group = { ...launching([]), pending: [{ ...launchHook(), defaultResult: "continue" }] };
  const lenient = await world.start();
  await lenient.run({ cause: "boot" });
  expect(story(lenient.events)).toContain("notice launch-hook-continues");

  world = await createWorld();
  world.lifecycle.group = launching([]);
  const strict = await world.start();
  await strict.run({ cause: "boot" });
  expect(story(strict.events).filter((line) => line.startsWith("notice "))).toEqual([]);
});
