import { expect, test } from "vitest";
import type { RunEvent } from "../../../../src/domain/run/events.ts";
import type { GroupMembership, PendingHook } from "../../../../src/ports/lifecycle.ts";
import { catalogue, createWorld, story, trouble, type World } from "../../run/world.ts";
import { begin, runsOf } from "../begin.ts";

const at = (world: World, seconds: number): string =>
  new Date(world.clock.now().getTime() + seconds * 1000).toISOString();

/** In service, with a role of its own, and somebody connected who does not go. */
async function serving(role: Record<string, unknown> = {}) {
  const world = await createWorld();
  await world.repo.remote.commitFiles(catalogue(role), "the role");
  const daemon = await begin(world);
  await world.clock.advance(60_000);
  expect(daemon.muster.status.current().state).toBe("in-service");
  return { world, ...daemon };
}

const spotIn = (world: World, seconds: number) =>
  ({ kind: "spot", action: "terminate", at: at(world, seconds) }) as const;

const told = (events: readonly RunEvent[], code: string) =>
  events.flatMap((event) => (event.type === "notice" && event.code === code ? [event.text] : []));

test("a spot notice: out at once, and done before the machine goes, once for a notice seen many times", async () => {
  const { world, muster } = await serving();
  world.balancer.openConnections("web-dev/i-1-80", 1);
  const before = story(muster.events).length;
  world.notices.notices = [spotIn(world, 120)];
  await world.clock.advance(12_000);
  expect(world.dns.records()).toEqual([]);
  expect(muster.status.current()).toMatchObject({ state: "leaving" });
  expect(muster.membership.status().wish).toMatchObject({ want: "out", by: "notice" });
  await world.clock.advance(48_000);
  expect(muster.status.current().state).toBe("out-of-service");
  expect(world.balancer.members()).toEqual([]);
  await world.clock.advance(60_000);
  const states = story(muster.events)
    .slice(before)
    .filter((line) => line.startsWith("state "));
  expect(states).toEqual(["state leaving", "state out-of-service"]);
});

test("a notice that is taken back brings the instance back through the gates; so does the next one out", async () => {
  const { world, muster } = await serving();
  world.notices.notices = [spotIn(world, 120)];
  await world.clock.advance(60_000);
  const runs = runsOf(muster.events);
  world.notices.notices = [];
  await world.clock.advance(60_000);
  expect(muster.status.current()).toMatchObject({ state: "in-service", run: { cause: "return" } });
  expect(runsOf(muster.events)).toBe(runs + 1);
  expect(world.balancer.members()).toEqual(["web-dev/i-1-80"]);
  world.notices.notices = [spotIn(world, 120)];
  await world.clock.advance(60_000);
  expect(muster.status.current().state).toBe("out-of-service");
});

test("a notice that is taken back while users are still served ends the leaving", async () => {
  const { world, muster } = await serving();
  world.balancer.openConnections("web-dev/i-1-80", 1);
  world.notices.notices = [spotIn(world, 120)];
  await world.clock.advance(12_000);
  expect(muster.status.current().state).toBe("leaving");
  world.notices.notices = [];
  await world.clock.advance(12_000);
  expect(muster.status.current().state).toBe("in-service");
  expect(world.balancer.members()).toEqual(["web-dev/i-1-80"]);
});

test("what a person took out stays out when the notice is over, and what a person brought back stays in", async () => {
  const { world, muster } = await serving();
  const drained = muster.drain();
  await world.clock.advance(60_000);
  await drained;
  world.notices.notices = [{ kind: "rebalance", noticedAt: at(world, 0) }, spotIn(world, 120)];
  await world.clock.advance(60_000);
  world.notices.notices = [];
  await world.clock.advance(60_000);
  expect(muster.status.current()).toMatchObject({ state: "out-of-service", reason: "operator drains" });

  world.notices.notices = [spotIn(world, 600)];
  await world.clock.advance(60_000);
  const joined = muster.join();
  await world.clock.advance(60_000);
  await joined;
  expect(muster.status.current().state).toBe("in-service");
});

test("a deadline that is too short is kept, and what it cut short is said", async () => {
  const { world, muster } = await serving({ register: [{ targetGroup: "web-dev", port: 80, drain: "5m" }] });
  world.balancer.openConnections("web-dev/i-1-80", 1);
  world.notices.notices = [spotIn(world, 60)];
  await world.clock.advance(58_000);
  expect(world.balancer.members()).toEqual([]);
  expect(muster.status.current().state).toBe("out-of-service");
  expect(told(muster.events, "leave-cut-short")).toEqual([
    "Leaving goes on although there was no time to wait: draining web-dev/i-1-80 at 10.0.0.1:80: 1 open connection",
  ]);
});

test("commands before the stop run once nobody is served, each once, within what is left", async () => {
  const { world, muster } = await serving({
    leave: {
      beforeStop: [
        { run: ["flush"], timeout: "10s" },
        { run: "exit 3", timeout: "10s" },
      ],
    },
  });
  world.program = (spec) => {
    expect(world.balancer.members(), "somebody may still be served").toEqual([]);
    return spec.argv.includes("flush") ? {} : { exit: { kind: "exited", code: 3 } };
  };
  world.notices.notices = [spotIn(world, 120)];
  await world.clock.advance(60_000);
  expect(world.units.started.map(({ argv, timeoutMs }) => [argv, timeoutMs])).toEqual([
    [["flush"], 10_000],
    [["/bin/sh", "-c", "exit 3"], 10_000],
  ]);
  expect(told(muster.events, "before-stop-failed")).toEqual([
    expect.stringMatching(/^a shell line of beforeStop did not succeed before the machine goes: exit status 3; /),
  ]);
  // It is scaled in as well: nothing runs again.
  world.lifecycle.group = terminating([]);
  await world.clock.advance(60_000);
  expect(world.units.started).toHaveLength(2);
  // Taken back, and announced anew: it runs again.
  world.lifecycle.group = { ...terminating([]), state: "in-service" };
  world.notices.notices = [];
  await world.clock.advance(60_000);
  world.notices.notices = [spotIn(world, 120)];
  await world.clock.advance(60_000);
  expect(world.units.started).toHaveLength(4);
});

test("a drain by hand stops nothing, and runs nothing", async () => {
  const { world, muster } = await serving({ leave: { beforeStop: [{ run: ["flush"] }] } });
  const drained = muster.drain();
  await world.clock.advance(60_000);
  await drained;
  expect(world.units.started).toEqual([]);
});

function terminating(pending: readonly PendingHook[]): GroupMembership {
  return { group: "web", state: "termination-waiting", attachedTargetGroups: [], pending, hasLaunchHook: true };
}

test("scaled in: the hook waits with heartbeats while users are served, and is completed after the commands", async () => {
  const { world, muster } = await serving({
    leave: { beforeStop: [{ run: ["flush"], timeout: "10s" }] },
    register: [{ targetGroup: "web-dev", port: 80, drain: "60s" }],
  });
  world.balancer.openConnections("web-dev/i-1-80", 1);
  const hook = { name: "bye", transition: "terminating", heartbeatSeconds: 30, globalSeconds: 600 } as const;
  world.lifecycle.group = terminating([{ ...hook, defaultResult: "continue" }]);
  await world.clock.advance(50_000);
  expect(world.lifecycle.calls).toContain("heartbeat web/bye");
  expect(world.lifecycle.calls).not.toContain("CONTINUE web/bye");
  await world.clock.advance(60_000);
  expect(world.units.started).toHaveLength(1);
  expect(world.lifecycle.calls.at(-1)).toBe("CONTINUE web/bye");
  expect(world.balancer.members()).toEqual([]);
  expect(told(muster.events, "termination-completed")).toHaveLength(1);
});

test("an agent that is restarted in mid-leave goes on, and asks for nothing twice", async () => {
  const { world, stop } = await serving({ leave: { beforeStop: [{ run: ["flush"] }] } });
  world.balancer.openConnections("web-dev/i-1-80", 1);
  const notice = spotIn(world, 120);
  world.notices.notices = [notice];
  await world.clock.advance(12_000);
  await stop();
  const second = await begin(world);
  await world.clock.advance(60_000);
  expect(second.muster.status.current()).toMatchObject({ state: "out-of-service" });
  expect(world.units.started).toHaveLength(1);
  await second.stop();
  const again = await begin(world);
  await world.clock.advance(60_000);
  expect(world.units.started).toHaveLength(1);
  expect(again.muster.status.current()).toMatchObject({ state: "out-of-service" });
  world.notices.notices = [];
  await world.clock.advance(60_000);
  expect(again.muster.status.current()).toMatchObject({ state: "in-service" });
});

test("with the balancer gone the commands still run and the hook is not completed before it was told", async () => {
  const { world, muster } = await serving({ leave: { beforeStop: [{ run: ["flush"] }] } });
  world.balancer.trouble = trouble("balancer-unreachable", true);
  world.notices.notices = [spotIn(world, 120)];
  await world.clock.advance(90_000);
  expect(world.units.started).toHaveLength(1);
  expect(muster.status.current()).toMatchObject({ state: "leaving" });
  expect(muster.membership.status()).toMatchObject({
    wish: { want: "out" },
    failure: { code: "balancer-unreachable" },
  });
  world.balancer.trouble = undefined;
  await world.clock.advance(60_000);
  expect(world.balancer.members()).toEqual([]);
  expect(muster.status.current()).toMatchObject({ state: "out-of-service" });
});

test("a recommendation cordons: it serves on, begins no scheduled run, and says so once", async () => {
  const { world, muster } = await serving();
  world.notices.notices = [{ kind: "rebalance", noticedAt: at(world, 0) }];
  await world.clock.advance(60_000);
  const runs = runsOf(muster.events);
  await world.clock.advance(2_400_000);
  expect(runsOf(muster.events)).toBe(runs);
  expect(muster.status.current().state).toBe("in-service");
  expect(told(muster.events, "cordoned")).toHaveLength(1);
  world.notices.notices = [];
  await world.clock.advance(2_400_000);
  expect(runsOf(muster.events)).toBeGreaterThan(runs);
  expect(told(muster.events, "cordoned")).toHaveLength(2);
});

test("maintenance: out in time for it, and not before", async () => {
  const { world, muster } = await serving({ leave: { limit: "2m" } });
  const maintenance = {
    kind: "maintenance",
    id: "m",
    code: "system-reboot",
    text: "a reboot",
    state: "active",
  } as const;
  world.notices.notices = [{ ...maintenance, notBefore: at(world, 3600) }];
  await world.clock.advance(3_400_000);
  expect(muster.status.current().state).toBe("in-service");
  await world.clock.advance(90_000);
  expect(muster.status.current().state).toBe("out-of-service");
});

test("failing checks: out by health, back when they pass, and not in a pause", async () => {
  const { world, muster } = await serving();
  world.balancer.plant({ group: "web-dev", member: "i-2-80", address: "10.0.0.2", port: 80 });
  await muster.pause.begin({ reason: "looking", by: "root", forMs: 600_000 });
  world.healthy = false;
  await world.clock.advance(120_000);
  expect(muster.status.current().state).toBe("in-service");
  await muster.pause.end();
  await world.clock.advance(60_000);
  expect(muster.membership.status().wish).toMatchObject({ want: "out", by: "health" });
  expect(muster.status.current()).toMatchObject({
    state: "out-of-service",
    reason: expect.stringMatching(/^not healthy: /) as string,
  });
  world.healthy = true;
  await world.clock.advance(120_000);
  expect(muster.status.current().state).toBe("in-service");
});

test("what an outage leaves undone is pending in the status, with the reason and the next try, until it is done", async () => {
  const { world, muster } = await serving();
  world.balancer.trouble = trouble("balancer-unreachable", true);
  const drained = muster.drain().catch((error: unknown) => error);
  await world.clock.advance(120_000);
  expect(await drained).toMatchObject({ code: "balancer-unreachable" });
  const { pending, state } = muster.status.current();
  expect(state).toBe("leaving");
  expect(pending).toMatchObject({
    code: "membership-unsettled",
    text: "not as wished yet, register: trying again: there is balancer-unreachable",
  });
  expect(Date.parse(pending?.nextAt ?? "")).toBeGreaterThan(world.clock.now().getTime() - 30_000);
  world.balancer.trouble = undefined;
  await world.clock.advance(120_000);
  expect(muster.status.current()).toMatchObject({ state: "out-of-service" });
  expect(muster.status.current()).not.toHaveProperty("pending");
});
