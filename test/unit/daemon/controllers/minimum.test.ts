import { expect, test } from "vitest";
import { tooFewWithout } from "../../../../src/daemon/controllers/minimum.ts";
import type { Minimum } from "../../../../src/domain/role/role.ts";
import { catalogue, createWorld, never, trouble } from "../../run/world.ts";

const one: Minimum = { count: 1 };

/** An instance that serves beside so many others, of whom so many are sick. */
async function beside(others: number, sick: number, minimumHealthy?: number | string) {
  const world = await createWorld();
  const rule = {
    targetGroup: "web-{environment}",
    port: 80,
    ...(minimumHealthy === undefined ? {} : { minimumHealthy }),
  };
  await world.repo.remote.commitFiles(catalogue({ register: [rule] }), "a minimum");
  for (let at = 0; at < others; at += 1) {
    world.balancer.plant({ group: "web-dev", member: `i-${at + 2}-80`, address: `10.0.0.${at + 2}`, port: 80 });
  }
  const muster = await world.start();
  await muster.run();
  const isSick = (address: string) => Number(address.split(".")[3]) - 2 < sick && address !== "10.0.0.1";
  world.balancer.passes = ({ address }) => !isSick(address);
  const ask = (usual: Minimum | undefined) => tooFewWithout({ ...muster, balancer: world.balancer }, usual, never);
  return { world, ask };
}

test.each([
  [0, 0, undefined, "web-dev would be left with 0 healthy members of 1, and 1 has to stay"],
  [1, 0, undefined, undefined],
  [2, 2, undefined, "web-dev would be left with 0 healthy members of 3, and 1 has to stay"],
  [2, 1, 2, "web-dev would be left with 1 healthy member of 3, and 2 have to stay"],
  [2, 0, 2, undefined],
  // Half of five are three.
  [4, 1, "50%", undefined],
  [4, 2, "50%", "web-dev would be left with 2 healthy members of 5, and 3 have to stay"],
  [0, 0, 0, undefined],
] as const)("beside %i others, %i of them sick, minimumHealthy %s: %s", async (others, sick, minimum, expected) => {
  const { ask } = await beside(others, sick, minimum);
  expect(await ask(one)).toBe(expected);
});

test("where neither the catalogue nor who asks says a minimum, nobody is asked", async () => {
  const { world, ask } = await beside(0, 0);
  world.balancer.trouble = trouble("balancer-unreachable", true);
  expect(await ask(undefined)).toBeUndefined();
  await expect(ask(one)).rejects.toMatchObject({ code: "balancer-unreachable" });
});
