import { CreateTagsCommand, DeleteTagsCommand, DescribeTagsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, test } from "vitest";

import { type Aws, startAws } from "../../../lab/aws-front/start-aws.ts";
import { createLab, type Lab } from "../../../lab/lab.ts";

let lab: Lab;
let aws: Aws;
let ec2: EC2Client;

beforeAll(async () => {
  lab = await createLab();
  aws = await startAws(lab);
  const credentials = aws.backstage.keys();
  ec2 = new EC2Client({ endpoint: aws.front.endpoint, region: "eu-west-1", credentials, maxAttempts: 1 });
});

afterAll(() => lab?.close());

async function tag(id: string, tags: Record<string, string>) {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return ec2.send(new CreateTagsCommand({ Resources: [id], Tags }));
}

function numbered(from: number, to: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: to - from + 1 }, (_, index) => [`tag-${from + index}`, "x"]));
}

test("the prefix aws: is reserved, however it is written; nothing of such a call happens", async () => {
  const { id } = await aws.launch();
  await expect(tag(id, { good: "x", "aws:mine": "x" })).rejects.toMatchObject({
    name: "InvalidParameterValue",
    message:
      "Value ( aws:mine ) for parameter key is invalid. Tag keys starting with 'aws:' are reserved for internal use",
  });
  await expect(tag(id, { "AWS:mine": "x" })).rejects.toMatchObject({ name: "InvalidParameterValue" });
  expect(await aws.backstage.tagsOf(id)).toEqual({});
});

test("an instance takes 50 tags", async () => {
  const { id } = await aws.launch();
  await tag(id, numbered(1, 50));
  await tag(id, numbered(1, 3));
  await expect(tag(id, { another: "x" })).rejects.toMatchObject({ name: "TagLimitExceeded" });
});

test("keys and values have a length, and a key that the metadata shows has no space and no slash", async () => {
  const shown = await aws.launch();
  const hidden = await aws.launch({ metadata: { tags: false } });
  await expect(tag(hidden.id, { ["k".repeat(129)]: "x" })).rejects.toMatchObject({ name: "InvalidParameterValue" });
  await expect(tag(hidden.id, { key: "v".repeat(257) })).rejects.toMatchObject({ name: "InvalidParameterValue" });
  await expect(tag(shown.id, { "a/b": "x" })).rejects.toThrow("'a/b' is not a valid tag key");
  await tag(hidden.id, { "a/b c": "x" });
  await tag(shown.id, { "muster:state": "in service" });
});

test("an unknown filter is refused in EC2's words", async () => {
  const asked = ec2.send(new DescribeTagsCommand({ Filters: [{ Name: "resource", Values: ["i-1"] }] }));
  await expect(asked).rejects.toMatchObject({
    name: "InvalidParameterValue",
    message: "The filter 'resource' is invalid",
  });
});

test("without a tag, DeleteTags deletes all that users made, and none of AWS's", async () => {
  const { id } = await aws.launch({ tags: { Name: "web", "muster:role": "web" } });
  await aws.backstage.tag(id, { "aws:autoscaling:groupName": "web" });
  await ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: [{ Key: "Name" }] }));
  expect(await aws.backstage.tagsOf(id)).toEqual({ "muster:role": "web", "aws:autoscaling:groupName": "web" });
  await ec2.send(new DeleteTagsCommand({ Resources: [id] }));
  expect(await aws.backstage.tagsOf(id)).toEqual({ "aws:autoscaling:groupName": "web" });
});
