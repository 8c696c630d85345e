import { expect, test } from "vitest";

import { muster, waitForState } from "../../harness/muster.ts";
import { expectNoFailures, startLoad } from "../../harness/load.ts";
import { pageThroughBalancer, published, servers } from "../../harness/outside.ts";
import { createWorld, type World } from "../../harness/world.ts";

test("both serve; one drained, back, and powered off: no user notices", async () => {
  await using world = await createWorld(import.meta.dirname);
  const [one, two] = await Promise.all([world.boot({ id: "i-one" }), world.boot({ id: "i-two" })]);
  await Promise.all([waitForState(one, "in-service"), waitForState(two, "in-service")]);
  expect(await whoServes(world)).toEqual(["i-one", "i-two"]);
  const everybody = async (): Promise<string[]> =>
    (await world.services.dns.query("everybody.example.internal", "A")).toSorted();
  expect(await everybody()).toEqual([one.address, two.address].toSorted());

  const load = startLoad(world);
  const drained = await muster(one, "drain");
  expect(drained.code, drained.stdout + drained.stderr).toBe(0);
  expect(await whoServes(world)).toEqual(["i-two"]);
  expect(await everybody(), "each takes its own address out of the name they share").toEqual([two.address]);
  expect((await published(world)).some(({ name }) => name.includes("i-one"))).toBe(false);

  const joined = await muster(one, "join");
  expect(joined.code, joined.stdout + joined.stderr).toBe(0);
  expect(await whoServes(world)).toEqual(["i-one", "i-two"]);

  await two.powerOff();
  await expectNoFailures(load);
  expect(await whoServes(world)).toEqual(["i-one"]);
  expect(await everybody()).toEqual([one.address]);
});

/** Who answers when everybody is asked, whatever turns the balancer gives to other users meanwhile. */
async function whoServes(world: World): Promise<string[]> {
  const seen = new Set<string>();
  const { length } = await servers(world);
  for (let asked = 0; asked < 6 || (seen.size < length && asked < 200); asked += 1) {
    seen.add(/served by (\S+)/.exec(await pageThroughBalancer(world))?.[1] ?? "nobody");
  }
  return [...seen].toSorted();
}
