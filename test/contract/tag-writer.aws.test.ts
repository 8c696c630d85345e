import { afterEach, beforeEach, expect, test } from "vitest";
import { createEc2Tags, describeTags, type Ec2Tags } from "../../src/adapters/aws/tags.ts";
import { startAws, type AwsServer } from "../unit/adapters/aws/aws-server.ts";
import { createEc2 } from "./tag-store.aws.world.ts";
import { tagWriterSuite } from "./tag-writer.suite.ts";

const instanceId = "i-0a1b2c3d4e5f60718";
const { signal } = new AbortController();
let aws: AwsServer;

beforeEach(async () => {
  const ec2 = createEc2();
  ec2.instances.set(instanceId, { state: "running", tags: new Map() });
  aws = await startAws();
  aws.answer = (action, parameters) => ec2.answer(action, parameters);
});

afterEach(() => aws.close());

/** A process of muster, which knows the tags from its run. */
async function writerOf(): Promise<Ec2Tags> {
  const before = await describeTags(aws.deps, instanceId, signal);
  return createEc2Tags({
    ...aws.deps,
    instanceId: async () => instanceId,
    async known(within) {
      within.throwIfAborted();
      return { tags: before, readMs: 0 };
    },
  });
}

tagWriterSuite("EC2", writerOf);

test("the next process finds what this one wrote", async () => {
  await (await writerOf()).write({ "muster:state": "held" }, signal);
  expect(await (await writerOf()).read(signal)).toEqual({ "muster:state": "held" });
});
