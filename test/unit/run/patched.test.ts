import { beforeEach, expect, test } from "vitest";
import { createWorld, never, trouble, type World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await createWorld();
});

const libc = { name: "libc6", from: "1", to: "2", security: true };
const vim = { name: "vim", from: "8", to: "9", security: false };
const booted = "2026-01-01T00:00:00Z upgraded=1 pending=1";

async function bootPatched() {
  world.packages.state = { ...world.packages.state, upgrades: [libc, vim] };
  const muster = await world.start();
  await muster.executor.start(never);
  return muster;
}

test("how the packages stand is written with the other tags in one call, and shown", async () => {
  const muster = await bootPatched();
  expect(world.tags.writes).toEqual([
    expect.objectContaining({ "muster:state": "in-service", "muster:patched": booted }),
  ]);
  expect(muster.status.current().patched).toMatchObject({ upgraded: 1, pending: 1 });
});

test("runs that do not patch, find nothing new, are held, or a drain, leave it as it is", async () => {
  const muster = await bootPatched();
  await muster.run();
  expect(world.tags.writes).toHaveLength(1);
  await muster.drain();
  await muster.join();
  expect(world.tags.current()["muster:patched"]).toBe(booted);

  world.bootId = "boot-2";
  world.healthy = false;
  expect(await (await world.start()).executor.start(never)).toMatchObject({ kind: "held" });
  expect(world.tags.current()).toMatchObject({ "muster:state": "held", "muster:patched": booted });
});

test("a broken index does not keep the commit from being converged, and the patch level stays honest", async () => {
  const observe = world.packages.observe.bind(world.packages);
  world.packages.observe = () => Promise.reject(trouble("package-sources-invalid"));
  const muster = await world.start();
  expect(await muster.executor.start(never)).toMatchObject({ kind: "in-service" });
  expect(world.engine.runs).toHaveLength(1);
  expect(world.tags.current()["muster:patched"]).toBe("never failed=package-sources-invalid");
  expect(muster.status.current()).toMatchObject({ patchTrouble: [{ code: "package-sources-invalid" }] });
  expect(muster.status.current().notices).toContainEqual(expect.objectContaining({ code: "package-sources-invalid" }));

  world.packages.observe = observe;
  await muster.run();
  expect(world.tags.current()["muster:patched"]).toMatch(/Z upgraded=0 pending=0$/);
  expect(muster.status.current()).not.toHaveProperty("patchTrouble");
});

test("a held run tells of its own patch", async () => {
  world.healthy = false;
  await bootPatched();
  expect(world.tags.current()).toMatchObject({ "muster:state": "held", "muster:patched": booted });
});

test("a part of a run that patches is told once membership is looked at again", async () => {
  const muster = await bootPatched();
  world.packages.state = { ...world.packages.state, upgrades: [{ ...libc, from: "2", to: "3" }] };
  await muster.run({ stages: ["patch"] });
  await muster.membership.reconcile({ signal: never, listen: () => undefined });
  expect(world.tags.current()["muster:patched"]).toMatch(/ upgraded=1 pending=0$/);
});
