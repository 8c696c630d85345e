import { describe, expect, test } from "vitest";
import { never, stopPoint, story, trouble, type World } from "../../run/world.ts";
import { begin, runsOf } from "../begin.ts";
import { group, minute, offer, openssl, openWindow, other, rules, replace, seen, serving, slot } from "./patching.ts";

test("in its window an instance takes a slot, leaves, patches, comes back and gives the slot back", async () => {
  const world = await serving();
  const begun = await begin(world);
  const { muster } = begun;
  await world.clock.advance(0);
  offer(world, openssl);
  const meanwhile: unknown[] = [];
  world.packages.during = async () => {
    meanwhile.push(
      world.balancer.members(),
      world.dns.records(),
      world.slots.owners(slot),
      muster.status.current().slot,
    );
  };
  const before = muster.events.length;
  await openWindow(begun);
  await world.clock.advance(70 * minute);
  expect(meanwhile).toEqual([
    [],
    [],
    ["i-1"],
    { purpose: "patch", number: 1, until: expect.any(String) as string, name: slot.name, count: 1 },
  ]);
  expect(story(muster.events.slice(before)).filter((line) => /^(state|end|notice)/.test(line))).toEqual([
    "state leaving",
    "state out-of-service",
    "end in-service",
    "state in-service",
  ]);
  expect(muster.status.current()).toMatchObject({ state: "in-service", run: { cause: "patch" } });
  expect(world.packages.calls).toContain("upgrade openssl");
  expect(world.balancer.members()).toEqual(["web-dev/i-1-80"]);
  expect(world.slots.owners(slot)).toEqual([undefined]);
  expect(muster.status.current().slot).toBeUndefined();
});

test("an instance begins at a time of its own in the first half of the window", async () => {
  const world = await serving();
  const begun = await begin(world);
  await world.clock.advance(0);
  offer(world, openssl);
  await openWindow(begun);
  let waitedMs = 0;
  while (world.slots.calls.length === 0 && waitedMs < 120 * minute) {
    await world.clock.advance(minute);
    waitedMs += minute;
  }
  expect(waitedMs).toBeGreaterThan(2 * minute);
  expect(waitedMs).toBeLessThanOrEqual(60 * minute);
});

test.each([
  ["no package is to be changed", () => undefined],
  ["what there is has no security fix", (world: World) => offer(world, { ...openssl, security: false })],
  [
    "a reboot is due that the role does not want",
    (world: World) => {
      world.packages.reboot = { required: true, reasons: ["a kernel"] };
    },
  ],
])("%s: nobody leaves, and no slot is taken", async (_what, given) => {
  const world = await serving({ patch: { scope: "security", reboot: "never" } });
  const begun = await begin(world);
  await world.clock.advance(0);
  given(world);
  await openWindow(begun);
  await world.clock.advance(120 * minute);
  expect(world.slots.calls).toEqual([]);
  expect(runsOf(begun.muster.events)).toBe(1);
  expect(seen(begun)).not.toContain("notice patch-window-missed");
});

test.each([
  ["a reboot that is due", (world: World) => (world.packages.reboot = { required: true, reasons: ["a kernel"] })],
  ["a service that runs replaced code", (world: World) => (world.packages.outdated = ["nginx.service"])],
])("%s is a reason to leave too", async (_what, given) => {
  const world = await serving();
  const begun = await begin(world);
  await world.clock.advance(0);
  given(world);
  await openWindow(begun);
  await world.clock.advance(70 * minute);
  expect(world.slots.calls[0]).toBe("take i-1");
  const causes = begun.muster.events.flatMap((event) => (event.type === "run-started" ? [event.cause] : []));
  expect(causes.slice(0, 2)).toEqual(["boot", "patch"]);
});

test("others hold every slot: it serves on, says so once, and takes its turn when they are done", async () => {
  const world = await serving();
  const begun = await begin(world);
  const { muster } = begun;
  await world.clock.advance(0);
  offer(world, openssl);
  await openWindow(begun);
  await world.slots.take(slot, other, 60 * minute, never);
  await world.clock.advance(70 * minute);
  expect(seen(begun).filter((line) => line === "notice slot-busy")).toHaveLength(1);
  expect(muster.status.current()).toMatchObject({ state: "in-service" });
  expect(world.balancer.members()).toEqual(["web-dev/i-1-80"]);
  await world.slots.release(slot, other, never);
  await world.clock.advance(5 * minute);
  expect(muster.status.current()).toMatchObject({ state: "in-service", run: { cause: "patch" } });
});

test("a window that closes first is said with its reason, and the next one is taken", async () => {
  const world = await serving();
  const begun = await begin(world);
  await world.clock.advance(0);
  offer(world, openssl);
  world.slots.trouble = trouble("dns-unreachable", true);
  await openWindow(begun);
  await world.clock.advance(121 * minute);
  expect(seen(begun).slice(-2)).toEqual(["notice dns-unreachable", "notice patch-window-missed"]);
  expect(world.balancer.members()).toEqual(["web-dev/i-1-80"]);
  world.slots.trouble = undefined;
  await openWindow(begun);
  await world.clock.advance(70 * minute);
  expect(world.packages.calls).toContain("upgrade openssl");
});

test("without a slot it leaves all the same, and says that nothing keeps others from it", async () => {
  const world = await serving({ slot: undefined });
  const begun = await begin(world);
  await world.clock.advance(0);
  offer(world, openssl);
  await openWindow(begun);
  await world.clock.advance(70 * minute);
  expect(seen(begun)).toContain("notice slot-missing");
  expect(world.packages.calls).toContain("upgrade openssl");
});

test("nobody leaves while paused, or when a person has taken the instance out", async () => {
  const world = await serving();
  const begun = await begin(world);
  const { muster } = begun;
  await world.clock.advance(0);
  offer(world, openssl);
  await openWindow(begun);
  await muster.pause.begin({ reason: "a look", by: "ann", forMs: 90 * minute });
  await world.clock.advance(80 * minute);
  const drained = muster.drain();
  await world.clock.advance(minute);
  await drained;
  await world.clock.advance(60 * minute);
  expect(world.slots.calls).toEqual([]);
  expect(world.packages.calls).not.toContain("upgrade openssl");
});

test("a gate that does not pass holds the instance, and its slot runs out; once it serves the slot is given back", async () => {
  const world = await serving();
  const begun = await begin(world);
  const { muster } = begun;
  await world.clock.advance(0);
  offer(world, openssl);
  world.packages.during = async () => {
    world.healthy = false;
  };
  await openWindow(begun);
  // It begins nine minutes after the window opened.
  await world.clock.advance(15 * minute);
  expect(muster.status.current().state).toBe("held");
  expect(world.slots.owners(slot)).toEqual(["i-1"]);
  const { until } = muster.status.current().slot ?? { until: "" };
  await world.clock.advance(40 * minute);
  expect(muster.status.current().slot?.until).toBe(until);
  expect(await world.slots.take(slot, other, minute, never)).toMatchObject({ kind: "busy" });
  await world.clock.advance(30 * minute);
  expect(await world.slots.take(slot, other, 60 * minute, never)).toMatchObject({ kind: "taken" });
  world.healthy = true;
  await world.clock.advance(15 * minute);
  expect(muster.status.current()).toMatchObject({ state: "in-service" });
  expect(muster.status.current().slot).toBeUndefined();
  expect(world.slots.owners(slot)).toEqual(["i-2"]);
});

test("while the patch lasts the slot is renewed", async () => {
  const world = await serving();
  const begun = await begin(world);
  await world.clock.advance(0);
  offer(world, openssl);
  const point = stopPoint();
  world.packages.during = point.here;
  await openWindow(begun);
  await world.clock.advance(60 * minute);
  await world.clock.advance(180 * minute);
  expect(await world.slots.take(slot, other, minute, never)).toMatchObject({ kind: "busy" });
  point.go();
  await world.clock.advance(minute);
  expect(world.slots.owners(slot)).toEqual([undefined]);
});

test("a run by schedule leaves the packages of an instance that serves to the window, one by hand does not", async () => {
  const world = await serving({ schedule: { ...rules.schedule, converge: "*/30 * * * *" } });
  const begun = await begin(world);
  await world.clock.advance(0);
  offer(world, openssl);
  await world.clock.advance(31 * minute);
  expect(begun.muster.status.current().run).toMatchObject({ cause: "schedule", finished: true });
  expect(world.packages.calls).not.toContain("upgrade openssl");
  await begun.muster.run();
  expect(world.packages.calls).toContain("upgrade openssl");
});

describe("in an Auto Scaling group", () => {
  test("it stands aside before it leaves, and the run ends the standby", async () => {
    const world = await serving();
    world.lifecycle.group = group;
    const begun = await begin(world);
    await world.clock.advance(0);
    offer(world, openssl);
    let state: string | undefined;
    world.packages.during = async () => void (state = world.lifecycle.group?.state);
    await openWindow(begun);
    await world.clock.advance(70 * minute);
    expect(state).toBe("standby");
    expect(world.lifecycle.calls).toEqual(["enter-standby web", "exit-standby web"]);
    expect(begun.muster.status.current().state).toBe("in-service");
    expect(world.slots.owners(slot)).toEqual([undefined]);
  });

  test("a group that lets nobody go is said once; it serves on, and gives its slot back", async () => {
    const world = await serving();
    world.lifecycle.group = group;
    world.lifecycle.atMinimum = true;
    const begun = await begin(world);
    await world.clock.advance(0);
    offer(world, openssl);
    await openWindow(begun);
    await world.clock.advance(121 * minute);
    expect(seen(begun).filter((line) => line.startsWith("notice"))).toEqual([
      "notice launch-hook-missing",
      "notice standby-refused",
      "notice patch-window-missed",
    ]);
    expect(world.balancer.calls.filter((call) => call.startsWith("drain"))).toEqual([]);
    expect(begun.muster.status.current().state).toBe("in-service");
    expect(world.slots.owners(slot)).toEqual([undefined]);
  });
});

test("leaving that fails is taken back: it serves on unpatched, and tries again", async () => {
  const world = await serving();
  const begun = await begin(world);
  await world.clock.advance(0);
  offer(world, openssl);
  const heal = replace(world.dns, "apply", () => () => Promise.reject(trouble("dns-refused")));
  await openWindow(begun);
  await world.clock.advance(60 * minute);
  expect(seen(begun)).toContain("state leaving");
  expect(begun.muster.status.current().state).toBe("in-service");
  expect(world.packages.calls).not.toContain("upgrade openssl");
  heal();
  await world.clock.advance(60 * minute);
  expect(begun.muster.status.current()).toMatchObject({ state: "in-service" });
  expect(world.packages.calls).toContain("upgrade openssl");
});
