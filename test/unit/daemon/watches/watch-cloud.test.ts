import { expect, test } from "vitest";
import { createAwsNotices } from "../../../../src/adapters/aws/notices.ts";
import type { CloudNotice } from "../../../../src/domain/membership/cloud-notice.ts";
import { watchCloud } from "../../../../src/daemon/watches/watch-cloud.ts";
import { createBeats } from "../../../../src/daemon/controllers/beats.ts";
import { createDepartures } from "../../../../src/daemon/controllers/departures.ts";
import type { GroupMembership } from "../../../../src/ports/lifecycle.ts";
import { createFakeLifecycle, launching } from "../../../fakes/lifecycle.ts";
import { createVirtualClock } from "../../../fakes/virtual-clock.ts";
import { createWorld, stopPoint, story, trouble } from "../../run/world.ts";
import { begin, runsOf } from "../begin.ts";

const spot: CloudNotice = { kind: "spot", action: "terminate", at: "2026-11-21T08:02:00.000Z" };

const maintenance = {
  kind: "maintenance",
  id: "m-1",
  code: "system-reboot",
  text: "a reboot",
  notBefore: "2026-11-28T09:00:00.000Z",
  state: "active",
} as const;

test("what the cloud announces is reported for as long as it holds, once however often it is seen", async () => {
  const world = await createWorld();
  const { departures } = await begin(world);
  await world.clock.advance(10_000);
  expect(departures.heard("notices")).toBe(true);
  expect(departures.current()).toEqual([]);

  let changes = 0;
  departures.watch(() => void (changes += 1));
  world.notices.notices = [spot, { kind: "rebalance", noticedAt: "2026-11-21T07:50:00.000Z" }, maintenance];
  await world.clock.advance(60_000);
  expect(departures.current()).toEqual([
    {
      kind: "spot",
      id: "spot terminate 2026-11-21T08:02:00.000Z",
      text: "spot interruption: the cloud takes this instance back at 2026-11-21T08:02:00Z (terminate)",
      deadline: "2026-11-21T08:02:00.000Z",
    },
    {
      kind: "rebalance",
      id: "rebalance 2026-11-21T07:50:00.000Z",
      since: "2026-11-21T07:50:00.000Z",
      text: "rebalance recommendation: this spot instance may soon be taken back (since 2026-11-21T07:50:00Z)",
    },
    {
      kind: "maintenance",
      id: "maintenance m-1 2026-11-28T09:00:00.000Z",
      text: "maintenance (system-reboot) is scheduled from 2026-11-28T09:00:00Z: a reboot",
      deadline: "2026-11-28T09:00:00.000Z",
    },
  ]);
  expect(changes).toBe(1);

  world.notices.notices = [{ ...maintenance, state: "canceled" }];
  await world.clock.advance(10_000);
  expect(departures.current()).toEqual([]);
});

test("a group that terminates the instance, and a person who puts it into standby, are reasons to leave", async () => {
  const world = await createWorld();
  world.lifecycle.group = { ...launching([], []), state: "in-service" };
  const { departures } = await begin(world);
  await world.clock.advance(10_000);
  expect(departures.current()).toEqual([]);
  world.lifecycle.group = { ...launching([], []), state: "standby" };
  await world.clock.advance(15_000);
  expect(departures.current()).toMatchObject([{ kind: "standby" }]);
  world.lifecycle.group = { ...launching([], []), state: "termination-waiting" };
  await world.clock.advance(10_000);
  expect(departures.current()).toMatchObject([{ kind: "scale-in" }]);
});

test("metadata that does not answer takes nothing back, and is said once", async () => {
  const world = await createWorld();
  world.notices.notices = [spot];
  const { departures, muster } = await begin(world);
  await world.clock.advance(10_000);
  world.lifecycle.trouble = trouble("imds-unreachable", true);
  await world.clock.advance(10 * 60_000);
  expect(departures.current()).toMatchObject([{ kind: "spot" }]);
  expect(story(muster.events).filter((line) => line === "notice imds-unreachable")).toHaveLength(1);

  world.lifecycle.trouble = undefined;
  world.notices.notices = [];
  await world.clock.advance(10_000);
  expect(departures.current()).toEqual([]);
});

test("a spot notice is heard where Auto Scaling's page fails, and the other way round", async () => {
  const world = await createWorld();
  const { departures, muster } = await begin(world);
  await world.clock.advance(10_000);
  world.lifecycle.trouble = trouble("imds-failed", true);
  world.notices.notices = [spot];
  await world.clock.advance(10_000);
  expect(departures.current()).toMatchObject([{ kind: "spot" }]);
  await world.clock.advance(60_000);
  expect(story(muster.events).filter((line) => line === "notice imds-failed")).toHaveLength(1);

  world.lifecycle.trouble = undefined;
  world.notices.notices = [];
  await world.clock.advance(10_000);
  world.notices.trouble = trouble("imds-failed", true);
  world.lifecycle.group = { ...launching([], []), state: "termination-waiting" };
  await world.clock.advance(10_000);
  expect(departures.current()).toMatchObject([{ kind: "scale-in" }]);
});

test("a metadata service that is busy for a moment is not worth a word", async () => {
  const world = await createWorld();
  const { muster } = await begin(world);
  await world.clock.advance(10_000);
  world.notices.trouble = trouble("imds-failed", true);
  await world.clock.advance(8_000);
  world.notices.trouble = undefined;
  await world.clock.advance(60_000);
  expect(story(muster.events)).not.toContain("notice imds-failed");
});

test("metadata that is switched off is said once and asked seldom", async () => {
  const world = await createWorld();
  world.notices.trouble = trouble("imds-disabled");
  const { muster } = await begin(world);
  await world.clock.advance(60 * 60_000);
  expect(story(muster.events).filter((line) => line === "notice imds-disabled")).toHaveLength(1);
  expect(world.notices.looks).toBeLessThan(20);
});

/** A watch alone, beside nobody who acts. */
async function watching(over: Partial<Parameters<typeof watchCloud>[0]>) {
  const world = await createWorld();
  const muster = await world.start();
  const departures = createDepartures();
  const signal = new AbortController();
  world.clock.freeze();
  const beats = createBeats(world.clock);
  const deps = { ...muster, ...world, departures, beats, ownStandby: async () => false, ...over };
  const watch = watchCloud(deps, signal.signal).catch(() => undefined);
  return {
    world,
    departures,
    /** Resolves after so many looks. */
    looks: async (count: number) => {
      const until = world.notices.looks + count;
      while (world.notices.looks < until) await world.clock.advance(250);
    },
    async [Symbol.asyncDispose]() {
      signal.abort(new Error("over"));
      await watch;
    },
  };
}

const standby: GroupMembership = { ...launching([], []), state: "standby" };

test("standby of one's own is no reason to leave, nor is metadata that lags behind its end", async () => {
  let own = true;
  await using watched = await watching({ ownStandby: async () => own });
  const { world, departures, looks } = watched;
  world.lifecycle.group = standby;
  await looks(5);
  expect(departures.current()).toEqual([]);

  own = false;
  await looks(1);
  expect(departures.current(), "it may lag").toEqual([]);
  world.lifecycle.group = { ...standby, state: "in-service" };
  await looks(1);
  world.lifecycle.group = standby;
  await looks(1);
  expect(departures.current(), "seen once").toEqual([]);
  await looks(1);
  expect(departures.current()).toMatchObject([{ kind: "standby" }]);
});

test("an agent that has just begun does not know yet whose standby it sees", async () => {
  await using watched = await watching({ lifecycle: createFakeLifecycle(standby) });
  const { world, departures, looks } = watched;
  await world.clock.advance(0);
  expect([departures.heard("notices"), departures.heard("lifecycle")]).toEqual([true, false]);
  await looks(1);
  expect(departures.current()).toMatchObject([{ kind: "standby" }]);
});

test("an instance that a run found in standby comes back by itself", async () => {
  const world = await createWorld();
  world.lifecycle.group = { ...launching([], []), state: "standby" };
  const { muster } = await begin(world);
  await world.clock.advance(60_000);
  expect(muster.status.current()).toMatchObject({
    state: "out-of-service",
    reason: expect.stringContaining("standby") as unknown,
  });
  world.lifecycle.group = { ...launching([], []), state: "in-service" };
  await world.clock.advance(10_000);
  expect(muster.status.current().state).toBe("in-service");
});

test("one that its run leaves out although the metadata wants it in is not tried without a pause", async () => {
  const world = await createWorld();
  world.lifecycle.group = { ...launching([], []), state: "standby" };
  world.lifecycle.target = async () => "in-service";
  const { muster } = await begin(world);
  await world.clock.advance(10 * 60_000);
  expect(runsOf(muster.events)).toBeGreaterThan(3);
  expect(runsOf(muster.events)).toBeLessThan(13);
});

test("while the run to come back is under way it goes on looking", async () => {
  const world = await createWorld();
  world.lifecycle.group = standby;
  const { muster, departures } = await begin(world);
  world.lifecycle.target = async () => (world.lifecycle.group === standby ? undefined : "in-service");
  await world.clock.advance(60_000);
  expect(muster.status.current().state).toBe("out-of-service");
  const point = stopPoint();
  world.engine.during = point.here;
  world.lifecycle.group = { ...standby, state: "in-service" };
  await world.clock.advance(10_000);
  await point.reached;
  world.notices.notices = [spot];
  await world.clock.advance(10_000);
  expect(departures.current()).toMatchObject([{ kind: "spot" }]);
  point.go();
  await world.clock.advance(60_000);
  expect(runsOf(muster.events)).toBe(2);
  expect(muster.status.current()).toMatchObject({ state: "out-of-service" });
});

test("on a spot instance all looks together take less than one request to the metadata service a second", async () => {
  let requests = 0;
  const imds = {
    async get(path: string) {
      requests += 1;
      return path.endsWith("instance-life-cycle") ? "spot" : undefined;
    },
  };
  const clock = createVirtualClock();
  const notices = createAwsNotices({ imds, clock, onWarning: () => expect.unreachable() });
  async function target(): Promise<undefined> {
    await imds.get("target");
  }
  const lifecycle = { ...createFakeLifecycle(), target };
  clock.freeze();
  await using _watched = await watching({ clock, notices, lifecycle });
  await clock.advance(60 * 60_000);
  expect(requests).toBeGreaterThan(0.5 * 3_600);
  expect(requests).toBeLessThan(0.7 * 3_600);
});

test("a machine that is taken back while its boot run is under way joins nothing", async () => {
  const world = await createWorld();
  world.clock.freeze();
  world.healthy = false;
  world.notices.notices = [
    { kind: "spot", action: "terminate", at: new Date(world.clock.now().getTime() + 120_000).toISOString() },
  ];
  const { muster } = await begin(world);
  await world.clock.advance(12_000);
  expect(muster.status.current().run?.finished, "its gate is still waited for").toBe(false);
  world.healthy = true;
  await world.clock.advance(20_000);
  expect(muster.status.current()).toMatchObject({
    state: "out-of-service",
    reason: expect.stringMatching(/^spot interruption/) as unknown,
    run: { finished: true },
  });
  expect(world.balancer.calls).toEqual([]);
  expect(world.dns.records()).toEqual([]);
});
