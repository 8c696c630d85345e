import { expect, test } from "vitest";
import { createWorld } from "../../run/world.ts";
import { begin } from "../begin.ts";

test("maintenance that is days ahead is told at once, and no more when it is called off", async () => {
  const world = await createWorld();
  const event = {
    kind: "maintenance",
    id: "instance-event-1",
    code: "instance-retirement",
    text: "The host is degraded",
    notBefore: "2026-01-11T00:00:00.000Z",
  } as const;
  world.notices.notices = [{ ...event, state: "active" }];
  const { muster } = await begin(world);
  await world.clock.advance(60_000);
  const { kind: _kind, ...told } = event;
  expect(muster.status.current()).toMatchObject({ state: "in-service", maintenance: [told] });
  expect(muster.events.filter(({ type }) => type === "maintenance-announced")).toHaveLength(1);
  world.notices.notices = [{ ...event, state: "canceled" }];
  await world.clock.advance(60_000);
  expect(muster.status.current().maintenance).toBeUndefined();
});
