import { expect, test } from "vitest";
import { createWorld, story, type World } from "../../run/world.ts";
import { begin } from "../begin.ts";

function ago(world: World, hours: number): string {
  return new Date(world.clock.now().getTime() - hours * 3_600_000).toISOString();
}

test("a recommendation cordons for six hours from when it was made, and then no more", async () => {
  const world = await createWorld();
  const { muster } = await begin(world);
  const at = ago(world, 0);
  world.notices.notices = [{ kind: "rebalance", noticedAt: at }];
  await world.clock.advance(60_000);
  expect(muster.status.current().cordon).toMatchObject({ since: at, until: ago(world, -6 + 1 / 60) });

  await world.clock.advance(5 * 3_600_000);
  expect(muster.status.current().cordon).toBeDefined();
  await world.clock.advance(3_600_000);
  expect(muster.status.current()).not.toHaveProperty("cordon");
  expect(story(muster.events).filter((line) => line === "notice cordoned")).toHaveLength(2);

  const again = ago(world, 0);
  world.notices.notices = [{ kind: "rebalance", noticedAt: again }];
  await world.clock.advance(60_000);
  expect(muster.status.current().cordon?.since).toBe(again);
  world.notices.notices = [];
  await world.clock.advance(60_000);
  expect(muster.status.current()).not.toHaveProperty("cordon");
});

test("one of three days ago cordons nothing", async () => {
  const world = await createWorld();
  world.notices.notices = [{ kind: "rebalance", noticedAt: ago(world, 72) }];
  const { muster } = await begin(world);
  await world.clock.advance(60_000);
  expect(muster.status.current()).not.toHaveProperty("cordon");
  expect(story(muster.events)).not.toContain("notice cordoned");
});

test("one of the far future cordons nothing: it would never end", async () => {
  const world = await createWorld();
  world.notices.notices = [{ kind: "rebalance", noticedAt: "9999-01-01T00:00:00.000Z" }];
  const { muster } = await begin(world);
  await world.clock.advance(60_000);
  expect(muster.status.current()).not.toHaveProperty("cordon");
});

test("a restart neither stretches nor forgets it", async () => {
  const world = await createWorld();
  const at = ago(world, 5);
  world.notices.notices = [{ kind: "rebalance", noticedAt: at }];
  const { stop } = await begin(world);
  await world.clock.advance(60_000);
  await stop();
  const { muster } = await begin(world);
  expect(muster.status.current().cordon?.since).toBe(at);
  await world.clock.advance(3_600_000);
  expect(muster.status.current()).not.toHaveProperty("cordon");
});
