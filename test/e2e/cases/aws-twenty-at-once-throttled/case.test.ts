import { expect, test } from "vitest";

import { publishedInRoute53, targetHealth } from "../../harness/aws-outside.ts";
import { createAwsWorld } from "../../harness/aws-world.ts";
import { waitFor } from "../../../lab/wait.ts";
import { status, waitForState } from "../../harness/muster.ts";

const count = 20;

test("twenty instances at once come in under the published limits of an account", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  world.aws.buckets.enabled = true;
  const fleet = [];
  for (let index = 0; index < count; index += 1) fleet.push(await world.launch());
  const machines = await Promise.all(fleet.map((ec2) => world.boot(ec2)));
  await Promise.all(machines.map((machine) => waitForState(machine, "in-service", { timeout: 170_000 })));

  for (const ec2 of fleet) expect(await targetHealth(world, ec2)).toBe("healthy");
  // An instance whose name is throttled serves meanwhile.
  const settled = async () => (await Promise.all(machines.map(status))).every(({ pending }) => pending === undefined);
  await waitFor(settled, { what: "every name is published", timeout: 300_000, every: 5_000 });
  const names = fleet.map(({ id, address }) => `A web-${id}.example.internal. ${address}`);
  expect(publishedInRoute53(world).toSorted()).toEqual(names.toSorted());
  // It was a test of throttling only if something was throttled.
  const refused = world.aws.calls().filter(({ status }) => status === 400 || status === 503);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length, "throttled instances slow down").toBeLessThan(world.aws.calls().length / 2);
});
