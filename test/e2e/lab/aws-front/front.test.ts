import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { CreateTagsCommand, DescribeTagsCommand, EC2Client, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { DescribeTargetGroupsCommand, ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { ListHostedZonesByNameCommand, Route53Client } from "@aws-sdk/client-route-53";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";

import { type Front, startFront } from "../../../lab/aws-front/front.ts";
import { forActions } from "../../../lab/aws-front/handler.ts";
import { type Moto, startMoto } from "../../../lab/prepare/moto.ts";

const address = "127.66.2.6";
let work: string;
let moto: Moto;
let front: Front;
let options: { endpoint: string; region: string; credentials: object; maxAttempts: number; requestHandler: object };

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "muster-aws-"));
  moto = await startMoto({ address, port: 5000, dir: work });
  const handlers = [
    forActions("a bug", "ec2", ["DescribeHosts"], () => Promise.reject(new Error("of the lab"))),
    forActions("adds to the answer", "ec2", ["DescribeTags"], async (request, forward) => {
      const answer = await forward();
      return { ...answer, headers: { ...answer.headers, "x-handled": request.params.get("Action") ?? "" } };
    }),
  ];
  front = await startFront({ address, port: 4566, upstream: moto.endpoint, handlers });
  options = {
    endpoint: front.endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret" },
    maxAttempts: 1,
    requestHandler: { requestTimeout: 20_000, throwOnRequestTimeout: true },
  };
});

afterAll(async () => {
  await front?.stop();
  await moto?.stop();
  await rm(work, { recursive: true, force: true });
});

beforeEach(async () => {
  front.faults.clear();
  front.forgetCalls();
  await moto.reset();
});

afterEach(() => void vi.unstubAllEnvs());

function ec2(): EC2Client {
  return new EC2Client(options as never);
}

async function launched(): Promise<string> {
  const command = new RunInstancesCommand({ ImageId: "ami-12345678", MinCount: 1, MaxCount: 1 });
  return (await ec2().send(command)).Instances?.[0]?.InstanceId ?? "";
}

test("what no handler keeps is moto's, and every call is counted by client", async () => {
  const id = await launched();
  await ec2().send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: "muster:role", Value: "web & more" }] }));
  const { Tags } = await ec2().send(new DescribeTagsCommand({ Filters: [{ Name: "resource-id", Values: [id] }] }));
  expect(Tags).toMatchObject([{ Key: "muster:role", Value: "web & more", ResourceId: id }]);
  await new Route53Client(options as never).send(new ListHostedZonesByNameCommand({ DNSName: "example.internal" }));

  expect(front.calls().map(({ operation, status }) => [operation, status])).toEqual([
    ["ec2:RunInstances", 200],
    ["ec2:CreateTags", 200],
    ["ec2:DescribeTags", 200],
    ["route53:ListHostedZonesByName", 200],
  ]);
  expect(front.calls({ operation: "ec2:CreateTags" })).toHaveLength(1);
  expect(front.calls({ sourceAddress: "10.66.0.99" })).toEqual([]);
});

test("a bug in a handler is told as the lab's own", async () => {
  const { DescribeHostsCommand } = await import("@aws-sdk/client-ec2");
  const asked = ec2().send(new DescribeHostsCommand({}));
  await expect(asked).rejects.toMatchObject({ name: "LabBug", message: "a bug: Error: of the lab" });
});

test.each([
  ["throttle", { kind: "throttle" }, { name: "RequestLimitExceeded", $metadata: { httpStatusCode: 503 } }],
  ["500", { kind: "error", status: 500 }, { name: "InternalFailure", $metadata: { httpStatusCode: 500 } }],
  ["expired", { kind: "expired" }, { name: "RequestExpired" }],
  ["denied", { kind: "denied" }, { name: "UnauthorizedOperation", $metadata: { httpStatusCode: 403 } }],
  ["reset", { kind: "reset" }, { code: "ECONNRESET" }],
] as const)("fault on EC2: %s", async (_, fault, error) => {
  front.faults.add(fault);
  await expect(ec2().send(new DescribeTagsCommand({}))).rejects.toMatchObject(error);
});

test.each([
  ["throttle", { kind: "throttle" }, { name: "Throttling", $metadata: { httpStatusCode: 400 } }],
  ["503", { kind: "error", status: 503 }, { name: "ServiceUnavailable", $metadata: { httpStatusCode: 503 } }],
  ["expired", { kind: "expired" }, { name: "ExpiredToken" }],
  ["denied", { kind: "denied" }, { name: "AccessDenied" }],
] as const)("fault on the other services: %s", async (_, fault, error) => {
  front.faults.add(fault);
  const elb = new ElasticLoadBalancingV2Client(options as never);
  await expect(elb.send(new DescribeTargetGroupsCommand({}))).rejects.toMatchObject(error);
  const route53 = new Route53Client(options as never);
  await expect(route53.send(new ListHostedZonesByNameCommand({}))).rejects.toMatchObject(error);
});

test("silence lasts until the client gives up", async () => {
  front.faults.add({ kind: "silence" });
  const patience = { requestTimeout: 300, throwOnRequestTimeout: true };
  const impatient = new EC2Client({ ...options, requestHandler: patience } as never);
  await expect(impatient.send(new DescribeTagsCommand({}))).rejects.toMatchObject({ name: "TimeoutError" });
  expect(front.calls()).toMatchObject([{ operation: "ec2:DescribeTags", status: 0 }]);
});

test("garbage is no answer to any service", async () => {
  front.faults.add({ kind: "garbage" });
  await expect(ec2().send(new DescribeTagsCommand({}))).rejects.toThrow();
});

test("a fault hits what it names, so many times, until it is taken back", async () => {
  front.faults.add({ kind: "throttle", service: "ec2", action: "DescribeTags", times: 1 });
  const takeBack = front.faults.add({ kind: "denied", service: "ec2", action: "CreateTags" });
  const id = await launched();
  const tag = () => ec2().send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: "a", Value: "b" }] }));
  await expect(ec2().send(new DescribeTagsCommand({}))).rejects.toThrow("Request limit exceeded");
  await ec2().send(new DescribeTagsCommand({}));
  await expect(tag()).rejects.toMatchObject({ name: "UnauthorizedOperation" });
  await expect(tag()).rejects.toMatchObject({ name: "UnauthorizedOperation" });
  takeBack();
  await tag();
  front.faults.add({ kind: "throttle", sourceAddress: "10.66.0.99" });
  await ec2().send(new DescribeTagsCommand({}));
});

test("an answer that is lost leaves what was done", async () => {
  const id = await launched();
  front.faults.add({ kind: "answer-lost", action: "CreateTags", times: 1 });
  const command = new CreateTagsCommand({ Resources: [id], Tags: [{ Key: "a", Value: "b" }] });
  await expect(ec2().send(command)).rejects.toMatchObject({ code: "ECONNRESET" });
  expect((await ec2().send(new DescribeTagsCommand({}))).Tags).toMatchObject([{ Key: "a", Value: "b" }]);
});

test("an emulator that runs already is used instead, and outlives the test", async () => {
  vi.stubEnv("MUSTER_LAB_AWS_ENDPOINT", `${moto.endpoint}/`);
  await launched();
  const given = await startMoto({ address, port: 5001, dir: work });
  expect(given.endpoint).toBe(moto.endpoint);
  await given.stop();
  await ec2().send(new DescribeTagsCommand({}));
});
