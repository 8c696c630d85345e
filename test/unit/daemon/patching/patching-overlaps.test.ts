// What comes between the decision to patch and the run that does it.
import { expect, test } from "vitest";
import { stopPoint, trouble } from "../../run/world.ts";
import { begin } from "../begin.ts";
import { group, minute, offer, openssl, openWindow, replace, seen, serving } from "./patching.ts";

type Muster = Awaited<ReturnType<typeof begin>>["muster"];

test.each<[string, (muster: Muster) => Promise<unknown>, (muster: Muster) => Promise<unknown>]>([
  [
    "a pause",
    (muster) => muster.pause.begin({ reason: "looking", by: "alice", forMs: 120 * minute }),
    (muster) => muster.pause.end(),
  ],
  ["a drain by hand", (muster) => muster.drain(), (muster) => muster.join()],
])("%s that comes while it looks at its packages keeps it from leaving to patch", async (_what, hinder, end) => {
  const world = await serving({ schedule: { patch: { at: "0 1 * * *", window: "4h" } } });
  world.lifecycle.group = group;
  const begun = await begin(world);
  const { muster } = begun;
  await world.clock.advance(0);
  offer(world, openssl);
  const point = stopPoint();
  const heal = replace(world.packages, "observe", (real) => async (rules, context) => {
    await point.here(context.signal);
    return real(rules, context);
  });
  await openWindow(begun);
  await world.clock.advance(2 * 60 * minute);
  await point.reached;
  void hinder(muster);
  await world.clock.advance(minute);
  heal();
  point.go();
  await world.clock.advance(10 * minute);
  expect(world.slots.calls).toEqual([]);
  expect(world.lifecycle.calls).toEqual([]);
  void end(muster);
  await world.clock.advance(30 * minute);
  expect(muster.status.current()).toMatchObject({ state: "in-service" });
  expect(world.packages.calls).toContain("upgrade openssl");
});

test("a run to patch that cannot even begin is tried again, also when the window has closed, and brings it back", async () => {
  const world = await serving({ schedule: { patch: { at: "0 1 * * *", window: "30m" } } });
  const begun = await begin(world);
  const { muster } = begun;
  await world.clock.advance(0);
  offer(world, openssl);
  const heal = replace(muster.executor, "run", () => () => Promise.reject(trouble("state-write-failed")));
  await openWindow(begun);
  await world.clock.advance(60 * minute);
  expect(muster.status.current()).toMatchObject({ state: "out-of-service" });
  expect(seen(begun).filter((line) => line === "notice state-write-failed")).toHaveLength(1);
  heal();
  await world.clock.advance(10 * minute);
  expect(muster.status.current()).toMatchObject({ state: "in-service", run: { cause: "patch" } });
  expect(world.packages.calls).toContain("upgrade openssl");
});
