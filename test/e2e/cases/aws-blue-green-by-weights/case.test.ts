// Two colours behind one name, turned round by their tags.
import { expect, test } from "vitest";

import type { EmulatedInstance } from "../../../lab/aws-front/fleet.ts";
import { operations } from "../../harness/aws-outside.ts";
import { createAwsWorld, type AwsWorld } from "../../harness/aws-world.ts";
import { waitForState } from "../../harness/muster.ts";

const settings = {
  tags: { trust: ["role", "environment", "dns", "weight"] },
  dns: { zones: [{ zone: "example.internal", names: ["app"], ttl: 1, routing: "weighted" }] },
};

test("users go from blue to green by weights that tags say, by way of a canary, and back", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const [blue, green] = [await world.launch(colour("255")), await world.launch(colour("0"))];
  const booted = await Promise.all([blue, green].map((ec2) => world.boot(ec2, { settings })));
  await Promise.all(booted.map((web) => waitForState(web, "in-service")));
  expect(weights(world)).toEqual({ [blue.id]: 255, [green.id]: 0 });

  world.aws.front.forgetCalls();
  await turn(world, { [green.id]: 16 });
  expect(weights(world)).toEqual({ [blue.id]: 255, [green.id]: 16 });
  // The canary's record is its own business.
  expect(writes(world, blue)).toEqual([]);
  expect(writes(world, green)).toEqual(["route53:ChangeResourceRecordSets"]);

  await turn(world, { [blue.id]: 0, [green.id]: 255 });
  await turn(world, { [blue.id]: 255, [green.id]: 0 });
  expect(weights(world)).toEqual({ [blue.id]: 255, [green.id]: 0 });
});

function colour(weight: string) {
  return { tags: { "muster:dns": "app.example.internal", "muster:weight": weight } };
}

/** Says it by tags, and waits for a minute at most. */
async function turn(world: AwsWorld, to: Readonly<Record<string, number>>): Promise<void> {
  for (const [id, weight] of Object.entries(to)) await world.aws.backstage.tag(id, { "muster:weight": String(weight) });
  await expect.poll(() => weights(world), { timeout: 60_000, interval: 500 }).toMatchObject(to);
}

/** By instance. */
function weights({ aws }: AwsWorld): Readonly<Record<string, number | undefined>> {
  const sets = aws.route53.records("example.internal").filter(({ name }) => name === "app.example.internal.");
  return Object.fromEntries(sets.map(({ identifier = "", weight }) => [identifier, weight]));
}

function writes({ aws }: AwsWorld, ec2: EmulatedInstance): readonly string[] {
  return operations(aws.calls(ec2)).filter((operation) => !/:(Describe|List)/.test(operation));
}
