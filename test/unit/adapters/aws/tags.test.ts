import { afterEach, beforeEach, expect, test } from "vitest";
import { createEc2Tags, describeTags, type Ec2Tags } from "../../../../src/adapters/aws/tags.ts";
import type { Tags } from "../../../../src/domain/instance/instance.ts";
import { startAws, type AwsServer } from "./aws-server.ts";

const { signal: never } = new AbortController();
let aws: AwsServer;

beforeEach(async () => {
  aws = await startAws();
});

afterEach(() => aws.close());

function writer(known: Tags = {}): Ec2Tags {
  return createEc2Tags({ ...aws.deps, instanceId: async () => "i-1", known: async () => ({ tags: known, readMs: 0 }) });
}

function many(count: number): Tags {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`tag-${index}`, "x"]));
}

test("all tags are written in one call, on this instance", async () => {
  let sent = new URLSearchParams();
  aws.answer = (_action, parameters) => {
    sent = parameters;
    return "<return>true</return>";
  };
  const tags = writer({ Name: "web" });
  await tags.write({ "muster:state": "in-service", "muster:run": "0001" }, never);
  expect(aws.asked).toEqual(["CreateTags"]);
  expect(Object.fromEntries(sent)).toMatchObject({
    "ResourceId.1": "i-1",
    "Tag.1.Key": "muster:state",
    "Tag.1.Value": "in-service",
    "Tag.2.Key": "muster:run",
  });
  expect(await tags.read(never)).toEqual({ Name: "web", "muster:state": "in-service", "muster:run": "0001" });
  expect(aws.asked).toHaveLength(1);
});

test("what a person changed meanwhile is not taken for what was written", async () => {
  aws.answer = () => "<return>true</return>";
  const tags = writer({ Name: "web" });
  await tags.write({ "muster:state": "in-service" }, never);
  tags.forget();
  expect(await tags.read(never)).toEqual({ Name: "web" });
});

test("what somebody else did to the tags is seen once it was read well after the last write, and no sooner", async () => {
  aws.answer = () => "<return>true</return>";
  let [nowMs, readMs] = [1_000_000, 0];
  const tags = createEc2Tags({
    ...{ ...aws.deps, instanceId: async () => "i-1", monotonicMs: () => nowMs },
    known: async () => ({ tags: { Name: "web" }, readMs }),
  });
  await tags.write({ "muster:state": "in-service" }, never);
  // Metadata that lags behind the write is not somebody who undid it.
  nowMs = readMs = 1_030_000;
  expect(await tags.read(never)).toEqual({ Name: "web", "muster:state": "in-service" });
  nowMs = 1_300_000;
  expect(await tags.read(never)).toEqual({ Name: "web", "muster:state": "in-service" });
  readMs = 1_300_000;
  expect(await tags.read(never)).toEqual({ Name: "web" });
});

test("what is shown in another form than it was written is written once more, and no oftener", async () => {
  aws.answer = () => "<return>true</return>";
  let nowMs = 0;
  const tags = createEc2Tags({
    ...{ ...aws.deps, instanceId: async () => "i-1", monotonicMs: () => nowMs },
    known: async () => ({ tags: { "muster:reason": "a?b" }, readMs: nowMs }),
  });
  const seen: unknown[] = [];
  for (let look = 0; look < 4; look += 1) {
    const { "muster:reason": reason } = await tags.read(never);
    seen.push(reason);
    if (reason !== "a…b") await tags.write({ "muster:reason": "a…b" }, never);
    nowMs += 300_000;
  }
  expect(seen).toEqual(["a?b", "a?b", "a…b", "a…b"]);
});

test.each([
  ["a reserved key", {}, { "AWS:state": "x" }, "reserved"],
  ["one tag too many", many(49), { one: "x", two: "x" }, "51 tags"],
  ["a value that is too long", {}, { state: "x".repeat(257) }, "longer"],
])("%s is refused before any call", async (_what, known, tags, why) => {
  const failed = writer(known).write(tags, never);
  await expect(failed).rejects.toMatchObject({ code: "tags-impossible", transient: false });
  await expect(failed).rejects.toThrow(why);
  expect(aws.asked).toEqual([]);
});

test("AWS's own tags count for no quota, and neither does what is written again", async () => {
  aws.answer = () => "<return>true</return>";
  await writer({ ...many(50), "aws:autoscaling:groupName": "web" }).write({ "tag-0": "y" }, never);
  expect(aws.asked).toEqual(["CreateTags"]);
});

test("pages of tags are read to the end", async () => {
  aws.answer = (_action, parameters) =>
    parameters.get("NextToken") === null
      ? "<tagSet><item><key>a</key><value>1</value></item></tagSet><nextToken>more</nextToken>"
      : "<tagSet><item><key>b</key><value/></item></tagSet>";
  expect(await describeTags(aws.deps, "i-1", never)).toEqual({ a: "1", b: "" });
});

const keys = ["muster:state", "muster:run"];

test("a look rehearses the write: a dry run of the very keys, which is asked once and is no failed call", async () => {
  let sent = new URLSearchParams();
  aws.answer = (_action, parameters) => {
    sent = parameters;
    return { status: 412, code: "DryRunOperation", message: "Request would have succeeded, but DryRun flag is set." };
  };
  const tags = writer();
  await tags.check?.(keys, never);
  await tags.check?.(keys, never);
  expect(aws.asked).toEqual(["CreateTags"]);
  expect(Object.fromEntries(sent)).toMatchObject({ DryRun: "true", "ResourceId.1": "i-1", "Tag.2.Key": "muster:run" });
  expect(aws.calls.map(({ operation, failure }) => [operation, failure])).toEqual([["ec2:CreateTags", undefined]]);
  expect(await tags.read(never)).toEqual({});
});

test("a look asks nothing once EC2 took a write", async () => {
  aws.answer = () => "<return>true</return>";
  const tags = writer();
  await tags.write({ "muster:state": "held" }, never);
  await tags.check?.(keys, never);
  expect(aws.asked).toEqual(["CreateTags"]);
});

test.each([
  ["UnauthorizedOperation", 403, { code: "aws-access-denied" }],
  ["InvalidParameterValue", 400, { name: "Error" }],
  ["InternalError", 500, { code: "aws-unreachable", transient: true }],
] as const)(
  "the answer %s to a rehearsal: only a denial says that tags cannot be written",
  async (code, status, error) => {
    aws.answer = () => ({ status, code, message: "no" });
    await expect(writer().check?.(keys, never)).rejects.toMatchObject(error);
  },
);

test.each([
  ["muster/state", true],
  ["muster/state", false],
  ["muster:state", true],
])("a look at the key %s, tags shown in the metadata: %s", async (key, isShown) => {
  aws.answer = () => ({ status: 412, code: "DryRunOperation", message: "" });
  const tags = createEc2Tags({
    ...{ ...aws.deps, instanceId: async () => "i-1", known: async () => ({ tags: {}, readMs: 0 }) },
    shown: async () => (isShown ? {} : undefined),
  });
  const look = tags.check?.([key], never);
  if (isShown && key.includes("/")) await expect(look).rejects.toMatchObject({ code: "tags-impossible" });
  else await look;
});
