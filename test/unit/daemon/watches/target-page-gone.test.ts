import { expect, test } from "vitest";
import { launching } from "../../../fakes/lifecycle.ts";
import { createWorld } from "../../run/world.ts";
import { begin } from "../begin.ts";

test("a target state that the metadata shows no more takes no departure back, another one does", async () => {
  const world = await createWorld();
  world.lifecycle.group = { ...launching([], []), state: "standby" };
  const { departures } = await begin(world);
  await world.clock.advance(30_000);
  expect(departures.current()).toMatchObject([{ kind: "standby" }]);
  const target = world.lifecycle.target.bind(world.lifecycle);
  world.lifecycle.target = async () => undefined;
  await world.clock.advance(60_000);
  expect(departures.current()).toMatchObject([{ kind: "standby" }]);
  world.lifecycle.target = target;
  world.lifecycle.group = { ...launching([], []), state: "in-service" };
  await world.clock.advance(60_000);
  expect(departures.current()).toEqual([]);
});
