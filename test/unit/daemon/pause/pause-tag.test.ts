import { expect, test } from "vitest";
import type { Tags } from "../../../../src/domain/instance/instance.ts";
import { createPauseKeeper } from "../../../../src/daemon/pause/pause-keeper.ts";
import { followPauseTag } from "../../../../src/daemon/pause/pause-tag.ts";
import { createVirtualClock } from "../../../fakes/virtual-clock.ts";
import { createFakeStateFiles } from "../../../fakes/state-files.ts";
import { catalogue, createWorld, identity, type World } from "../../run/world.ts";
import { begin, runsOf } from "../begin.ts";

const trusting: World["naming"] = { tags: { prefix: "muster:", trust: ["role", "environment", "ref", "pause"] } };

async function tagged(tags: Tags, naming = trusting) {
  const world = await createWorld();
  await world.repo.remote.commitFiles(catalogue({ schedule: { converge: "*/1 * * * *" } }), "every minute");
  world.naming = naming;
  retag(world, tags);
  const { muster } = await begin(world);
  await world.clock.advance(1_000);
  return { world, muster };
}

function retag(world: World, tags: Tags): void {
  world.identity = () => ({ ...identity, tags: { ...identity.tags, ...tags } });
}

test("a trusted tag pauses schedules, with its value as the reason, until it is removed", async () => {
  const { world, muster } = await tagged({});
  retag(world, { "muster:pause": "a bad package is in the mirror" });
  await world.clock.advance(10_000);
  expect(muster.status.current().pause).toMatchObject({
    by: "tag muster:pause",
    reason: "a bad package is in the mirror",
  });
  const runs = runsOf(muster.events);
  await world.clock.advance(120_000);
  expect(runsOf(muster.events)).toBe(runs);
  expect(world.tags.current()["muster:paused"]).toMatch(/by tag muster:pause: a bad package is in the mirror$/);

  retag(world, { "muster:pause": "another reason" });
  await world.clock.advance(20_000);
  expect(muster.status.current().pause?.reason).toBe("another reason");
  retag(world, {});
  await world.clock.advance(20_000);
  expect(muster.status.current().pause).toBeUndefined();
  expect(world.tags.current()["muster:paused"]).toBe("no");
  await world.clock.advance(120_000);
  expect(runsOf(muster.events)).toBeGreaterThan(runs);
});

test("the pause lasts as long as the tag, and a day where nothing is known of it", async () => {
  const clock = createVirtualClock();
  const pause = createPauseKeeper({ files: createFakeStateFiles(), clock, bootId: "boot-1", report: () => undefined });
  const deps = { pause, tagPrefix: "muster:", tagTrust: ["pause"] } as const;
  for (let hour = 0; hour < 48; hour += 1) {
    await followPauseTag(deps, { "muster:pause": "looked at" });
    expect(pause.leftMs()).toBeGreaterThan(12 * 3_600_000);
    await clock.advance(3_600_000);
  }
  await clock.advance(24 * 3_600_000);
  expect(pause.current()).toBeUndefined();
});

test("a person's pause is left alone; the tag pauses again after it", async () => {
  const { world, muster } = await tagged({});
  await muster.pause.begin({ reason: "a disk", by: "alice", forMs: 3_600_000 });
  retag(world, { "muster:pause": "the fleet" });
  await world.clock.advance(20_000);
  expect(muster.status.current().pause?.by).toBe("alice");
  retag(world, {});
  await world.clock.advance(20_000);
  expect(muster.status.current().pause?.by, "not the tag's to end").toBe("alice");
  retag(world, { "muster:pause": "the fleet" });
  await muster.pause.end();
  await world.clock.advance(20_000);
  expect(muster.status.current().pause?.by).toBe("tag muster:pause");
});

test.each([
  ["an untrusted tag", { "muster:pause": "x" }, {}],
  ["an empty one", { "muster:pause": "  " }, trusting],
])("%s pauses nothing", async (_name, tags, naming) => {
  const { world, muster } = await tagged(tags, naming);
  await world.clock.advance(60_000);
  expect(muster.status.current().pause).toBeUndefined();
});

test("a reason is one bounded line without control signs", async () => {
  const { world, muster } = await tagged({ "muster:pause": `x\n\u001b[2J${"y".repeat(300)}` });
  await world.clock.advance(10_000);
  const reason = muster.status.current().pause?.reason ?? "";
  expect(reason.length).toBeLessThanOrEqual(201);
  for (const sign of ["\n", "\u001b"]) expect(reason).not.toContain(sign);
});
