import { expect, test } from "vitest";
import { assembleDaemon } from "../../../src/app/assembly/daemon.ts";
import type { Registry } from "../../../src/ports/registry.ts";
import { createFakeFleet } from "../../fakes/fleet.ts";
import { createFakeScheduler } from "../../fakes/scheduler.ts";
import { createFakeServiceManager } from "../../fakes/service-manager.ts";
import { createWorld, never, type Process } from "../run/world.ts";

function daemonOf(agent: Process, cloud: Partial<Process["cloud"]> = {}) {
  const ports = {
    control: { listen: () => Promise.reject(new Error("nobody listens")) },
    services: createFakeServiceManager(),
    pulse: { prove: async () => undefined },
    scheduler: createFakeScheduler(),
    inForce: () => Promise.reject(new Error("nobody asks")),
  };
  return assembleDaemon({ ...agent, cloud: { ...agent.cloud, ...cloud } }, ports, agent.turns);
}

test("putting agent and daemon together writes nothing and asks nobody", async () => {
  const world = await createWorld();
  world.identity = () => {
    throw new Error("the cloud was asked");
  };
  const muster = await world.start();
  daemonOf(muster);
  await muster.status.flush();
  expect([...world.files.texts.keys()]).toEqual([]);
  expect(muster.events).toEqual([]);
});

test("the status has an event before those hear it who listen later", async () => {
  const world = await createWorld();
  const muster = await world.start();
  const seen: unknown[] = [];
  muster.bus.listen(() => void seen.push(muster.status.current().pause));
  const pause = { reason: "a test", by: "ann", since: "2026-01-01T00:00:00Z", until: "2026-01-01T01:00:00Z" };
  muster.bus.emit({ type: "pause-changed", pause });
  expect(seen).toEqual([pause]);
});

test("the settings' prefix guards the tags of the open socket, and no other's", async () => {
  const world = await createWorld();
  const { tags } = daemonOf(await world.start());
  await expect(tags.openTags.add({ "muster:role": "db" }, never)).rejects.toMatchObject({ code: "tag-for-root" });
  await tags.openTags.add({ team: "web" }, never);
  await tags.tags.add({ "muster:role": "db" }, never);
  expect((await tags.tags.list(never)).tags).toMatchObject({ "muster:role": "db", team: "web" });
});

test("only a cloud that tells which instances live, and who owns which names, is swept", async () => {
  const world = await createWorld();
  const agent = await world.start();
  const fleet = createFakeFleet("i-1");
  const registry: Registry = {
    page: () => Promise.reject(new Error("nobody sweeps")),
    disown: () => Promise.reject(new Error("nobody sweeps")),
  };
  expect(daemonOf(agent).sweeping).toBeUndefined();
  expect(daemonOf(agent, { fleet }).sweeping).toBeUndefined();
  expect(daemonOf(agent, { fleet, registry }).sweeping).toMatchObject({ fleet, registry });
});

test("the settings' waits are the daemon's", async () => {
  const world = await createWorld();
  const { retry, pollMs } = daemonOf(await world.start());
  expect(retry).toEqual(world.settings().retry.held);
  expect(pollMs).toBe(world.settings().config.pollMs);
});
