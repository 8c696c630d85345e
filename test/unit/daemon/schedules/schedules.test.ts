import { expect, test } from "vitest";
import type { CloudNotice } from "../../../../src/domain/membership/cloud-notice.ts";
import { timesOf } from "../../../../src/domain/run/times.ts";
import { catalogue, createWorld, stopPoint, story, trouble, type World } from "../../run/world.ts";
import { begin, runsOf } from "../begin.ts";

const minute = 60_000;

/** Long enough for the time itself and this instance's share of the usual splay. */
const past = minute;

async function serving(schedule: Record<string, unknown>, settings: { readonly pollMs?: number } = {}) {
  const world = await createWorld();
  await world.repo.remote.commitFiles(catalogue({ schedule }), "a schedule");
  const begun = await begin(world, settings);
  await world.clock.advance(0);
  return { world, ...begun };
}

function looks(world: World): readonly string[] {
  return world.repo.log.filter((line) => line.startsWith("look "));
}

test("the schedule is the role's: made at its times, adopted anew when the catalogue changes", async () => {
  const { world, muster, scheduler } = await serving({ converge: "*/30 * * * *", splay: "0s" });
  await world.repo.remote.commitFiles(catalogue({ schedule: { converge: "0 2 * * *" } }), "second");
  await world.clock.advance(30 * minute);
  expect(runsOf(muster.events)).toBe(2);
  expect(muster.status.current().run?.cause).toBe("schedule");
  expect([...scheduler.asked]).toEqual(["*/30 * * * *", "0 2 * * *"]);
  await world.clock.advance(60 * minute);
  expect(runsOf(muster.events)).toBe(2);
  await world.repo.remote.commitFiles(catalogue({ schedule: {} }), "third");
  await world.clock.advance(35 * minute);
  expect(runsOf(muster.events)).toBe(3);
  await world.clock.advance(60 * minute);
  expect(runsOf(muster.events)).toBe(3);
});

test("a clock that was ten years ahead at boot, and is set, keeps nobody from the times that come", async () => {
  const { world, muster } = await serving({ converge: "*/30 * * * *", splay: "0s" });
  world.clock.step(-10 * 365 * 24 * 60 * minute);
  await world.clock.advance(32 * minute);
  expect(runsOf(muster.events)).toBe(2);
});

test("a daemon that was restarted in the same boot works by the schedule without a run", async () => {
  const { world, stop } = await serving({ converge: "*/30 * * * *" });
  await stop();
  const { muster } = await begin(world);
  await world.clock.advance(30 * minute + past);
  expect(muster.status.current().run?.cause).toBe("schedule");
  expect(runsOf(muster.events)).toBe(1);
});

test("a time that meets a run under way is dropped and said", async () => {
  const { world, muster } = await serving({ converge: "*/30 * * * *" });
  const point = stopPoint();
  world.engine.during = point.here;
  const running = muster.run();
  await point.reached;
  await world.clock.advance(30 * minute + past);
  expect(story(muster.events)).toContain("notice lock-held");
  point.go();
  await running;
  await world.clock.advance(minute);
  expect(runsOf(muster.events)).toBe(2);
});

const taken: readonly CloudNotice[] = [
  { kind: "spot", action: "terminate", at: "2026-01-01T00:40:00Z" },
  { kind: "rebalance", noticedAt: "2026-01-01T00:10:00Z" },
];

test.each(taken)("nothing is begun once the cloud has told of $kind", async (notice) => {
  const { world, muster } = await serving({ converge: "*/30 * * * *" });
  world.notices.notices = [notice];
  await world.clock.advance(30 * minute + past);
  expect(muster.events.filter((event) => event.type === "run-started" && event.cause === "schedule")).toEqual([]);
});

test("a check tells how far the machine has drifted and changes nothing; converging tells that it is over", async () => {
  const { world, muster } = await serving({ drift: "*/15 * * * *" });
  const commit = muster.status.current().commit;
  const resources = ["File[/etc/motd]", "Service[nginx]"];
  world.engine.drift = { drifted: 2, resources, changed: 0 };
  await world.clock.advance(15 * minute + past);
  expect(muster.status.current().drift).toMatchObject({ drifted: 2, resources, commit });
  expect(runsOf(muster.events)).toBe(1);
  expect(world.engine.runs).toHaveLength(1);
  await muster.run();
  expect(muster.status.current().drift).toMatchObject({ drifted: 0, resources: [] });
});

test("the former name of the key is a notice of the run, and its check is made at the times of before", async () => {
  const { world, muster } = await serving({ check: "*/15 * * * *" });
  const told = muster.events.filter((event) => event.type === "notice" && event.code === "catalogue-key-renamed");
  expect(told).toMatchObject([{ level: "warning" }]);
  expect(JSON.stringify(told)).toMatch(/"muster\.yaml@[0-9a-f]{12}:\d+:\d+: roles\.web\.schedule\.check: /);
  const known = muster.duty.current();
  expect(known && timesOf(known.role, "drift")).toMatchObject({ name: "check", expression: "*/15 * * * *" });
  world.engine.drift = { drifted: 1, resources: ["File[/etc/motd]"], changed: 0 };
  await world.clock.advance(15 * minute + past);
  expect(muster.status.current().drift).toMatchObject({ drifted: 1 });
});

test("a check gives way to a run, and one that fails is said", async () => {
  const { world, muster } = await serving({ drift: "*/15 * * * *" });
  world.engine.compare = () => Promise.reject(trouble("converge-compile-failed"));
  await world.clock.advance(15 * minute + past);
  expect(story(muster.events).at(-1)).toBe("notice converge-compile-failed");
  const point = stopPoint();
  world.engine.during = point.here;
  const running = muster.run();
  await point.reached;
  await world.clock.advance(15 * minute);
  expect(story(muster.events)).toContain("notice lock-held");
  point.go();
  await running;
});

test("a new commit makes a run, whether the schedule or the settings look for it; an old one makes none", async () => {
  for (const [schedule, settings] of [
    [{ fetch: "*/5 * * * *" }, {}],
    [{}, { pollMs: 5 * minute }],
  ] as const) {
    const { world, muster, stop } = await serving(schedule, settings);
    await world.clock.advance(20 * minute);
    expect(looks(world).length).toBeGreaterThan(2);
    expect(runsOf(muster.events)).toBe(1);
    const commit = await world.repo.remote.commitFiles({ "site.pp": "new" }, "new");
    await world.clock.advance(7 * minute);
    expect(muster.status.current()).toMatchObject({ commit, run: { cause: "commit" }, state: "in-service" });
    await world.clock.advance(20 * minute);
    expect(runsOf(muster.events)).toBe(2);
    await stop();
  }
});

test("a commit that does not pass is tried again, more and more seldom, and the next one at once", async () => {
  const { world, muster } = await serving({}, { pollMs: minute });
  world.engine.during = () => Promise.reject(trouble("converge-compile-failed"));
  await world.repo.remote.commitFiles({ "site.pp": "broken" }, "broken");
  await world.clock.advance(60 * minute);
  const tries = runsOf(muster.events) - 1;
  expect(tries).toBeGreaterThan(1);
  expect(tries).toBeLessThan(6);
  expect(muster.status.current()).toMatchObject({ state: "in-service", run: { end: "failed" } });
  world.engine.during = async () => undefined;
  const commit = await world.repo.remote.commitFiles({ "site.pp": "mended" }, "mended");
  await world.clock.advance(2 * minute);
  expect(muster.status.current()).toMatchObject({ commit, run: { end: "in-service" } });
});

test("a commit that a run may not even adopt is not tried at each look", async () => {
  const { world, muster } = await serving({}, { pollMs: minute });
  await world.repo.remote.commitFiles({ "muster.yaml": "no catalogue" }, "broken");
  await world.clock.advance(30 * minute);
  const tries = runsOf(muster.events) - 1;
  expect(tries).toBeGreaterThan(0);
  expect(tries).toBeLessThan(5);
});

test("a trial of another ref stays until there is something new", async () => {
  const { world, muster } = await serving({}, { pollMs: minute });
  const trial = await world.repo.remote.commitFiles({ "site.pp": "trial" }, "trial", { branch: "main2" });
  void trial;
  const applied = muster.status.current().commit ?? "";
  await muster.run({ ref: applied });
  await world.clock.advance(20 * minute);
  expect(runsOf(muster.events)).toBe(2);
});

test("a server that does not answer is told of once, and again when it was back meanwhile", async () => {
  const { world, muster } = await serving({}, { pollMs: minute });
  const before = muster.events.length;
  const said = () => story(muster.events.slice(before));
  world.repo.failFetch(...Array.from({ length: 5 }, () => trouble("config-fetch-failed", true)));
  await world.clock.advance(20 * minute);
  expect(said()).toEqual(["notice config-fetch-failed"]);
  world.repo.failFetch(trouble("config-fetch-failed", true));
  await world.clock.advance(5 * minute);
  expect(said()).toEqual(["notice config-fetch-failed", "notice config-fetch-failed"]);
});
