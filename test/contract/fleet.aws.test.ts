import { afterEach, beforeEach, expect, test } from "vitest";
import { createEc2Fleet } from "../../src/adapters/aws/fleet.ts";
import type { Fleet } from "../../src/ports/fleet.ts";
import { startAws, type AwsServer } from "../unit/adapters/aws/aws-server.ts";
import { fleetSuite, self } from "./fleet.suite.ts";
import { createEc2, type Ec2 } from "./tag-store.aws.world.ts";

const { signal } = new AbortController();
let aws: AwsServer;
let ec2: Ec2;

beforeEach(async () => {
  aws = await startAws();
  ec2 = createEc2();
  aws.answer = (action, parameters) => ec2.answer(action, parameters);
});

afterEach(() => aws.close());

function launch(id: string, state: string): void {
  ec2.instances.set(id, { state, tags: new Map() });
}

function fleetOf(): Fleet {
  return createEc2Fleet({ ...aws.deps, instanceId: async () => self });
}

fleetSuite("EC2", () => ({ fleet: fleetOf(), launch }));

test("few are asked about in one call", async () => {
  launch(self, "running");
  await fleetOf().observe(["i-00000001"], signal);
  expect(aws.asked).toEqual(["DescribeInstances"]);
});

test("every one of several answers has to show the instance itself", async () => {
  launch(self, "running");
  const ids = Array.from({ length: 250 }, (_, at) => `i-${at.toString(16).padStart(8, "0")}`);
  let calls = 0;
  aws.answer = (action, parameters) => {
    calls += 1;
    if (calls === 2) ec2.instances.delete(self);
    return ec2.answer(action, parameters);
  };
  await expect(fleetOf().observe(ids, signal)).rejects.toMatchObject({ code: "fleet-not-itself" });
});

test("a denial names the permission, and is nobody's death", async () => {
  aws.answer = () => ({ status: 403, code: "UnauthorizedOperation" });
  await expect(fleetOf().observe(["i-00000001"], signal)).rejects.toMatchObject({
    code: "aws-access-denied",
    hint: expect.stringContaining("ec2:DescribeInstances") as string,
  });
});
