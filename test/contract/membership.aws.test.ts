import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAwsCloud } from "../../src/adapters/aws/cloud.ts";
import { createClock } from "../../src/adapters/host/clock.ts";
import { createMembership } from "../../src/membership/membership.ts";
import { success } from "../lab/aws-front/answers.ts";
import { startFront, type Front } from "../lab/aws-front/front.ts";
import { forActions } from "../lab/aws-front/handler.ts";
import { createRoute53 } from "../lab/aws-front/route53.ts";
import { createTargetHealth } from "../lab/aws-front/target-health.ts";
import { createFakeStateFiles } from "../fakes/state-files.ts";
import { startMetadata, type MetadataServer } from "../unit/adapters/aws/metadata-server.ts";
import { describing, group, port } from "./target-groups.aws.world.ts";

const signal = new AbortController().signal;
const instance = "i-0a1b2c3d4e5f60718";
const address = "127.66.56.10";
const document = {
  accountId: "111122223333",
  availabilityZone: "eu-west-1a",
  instanceId: instance,
  privateIp: address,
  region: "eu-west-1",
};

let web: Server;
let front: Front;
let metadata: MetadataServer;

beforeAll(async () => {
  web = createServer((_request, answer) => void answer.end("welcome"));
  await new Promise<void>((resolve) => web.listen(port, address, resolve));
  metadata = await startMetadata({
    "dynamic/instance-identity/document": JSON.stringify(document),
    "meta-data/local-ipv4": address,
    "meta-data/local-hostname": "web-1",
    "meta-data/tags/instance": "muster:role",
    "meta-data/tags/instance/muster:role": "web",
  });
  const groups = [group("web-dev", "instance")];
  const targets = createTargetHealth({
    groups: { find: async (arn) => groups.find((one) => one.arn === arn) },
    instances: { addressOf: () => address, stateOf: async () => "running" },
    alone: true,
  });
  const names = createRoute53({ zones: [{ id: "Z1", name: "example.internal.", private: true }] });
  const tags = forActions("tags", "ec2", ["CreateTags"], async (request) => success(request, "<return>true</return>"));
  const handlers = [describing(groups), targets, names, tags];
  front = await startFront({ address: "127.66.56.1", port: 4566, upstream: "http://127.66.56.2:9", handlers });
});

afterAll(async () => {
  await Promise.all([front.stop(), metadata.close()]);
  web.closeAllConnections();
  await new Promise((resolve) => web.close(resolve));
});

function operations(): readonly string[] {
  return front.calls().map(({ operation }) => operation);
}

test("a boot into one target group with one name takes at most six calls besides polls, a second run none but looks", async () => {
  const clock = createClock();
  process.env["AWS_ENDPOINT_URL"] = front.endpoint;
  process.env["AWS_ACCESS_KEY_ID"] = "AKIAEXAMPLE";
  process.env["AWS_SECRET_ACCESS_KEY"] = "secret";
  const cloud = createAwsCloud({
    tagPrefix: "muster:",
    env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.endpoint },
    credentials: "chain",
    files: createFakeStateFiles(),
    clock,
    onCall: () => undefined,
    onWarning: (code, text) => expect.unreachable(`${code}: ${text}`),
  });
  const membership = createMembership({
    files: createFakeStateFiles(),
    clock,
    tagPrefix: "muster:",
    ...cloud,
  });

  const { instance: me } = await cloud.identity.read(signal);
  expect(await cloud.lifecycle.observe(signal)).toBeUndefined();
  const target = {
    group: "web-dev",
    instance,
    member: `${instance}-${port}`,
    address,
    port,
    deadlineMs: 20_000,
    drainMs: 0,
  };
  const record = {
    zone: "example.internal",
    name: "web-1.example.internal",
    type: "A",
    ttl: 30,
    value: address,
  } as const;
  await membership.want({
    want: "in",
    by: "run",
    reason: "every gate passed",
    bootId: "boot-1",
    places: { targets: [target], records: [record] },
    owner: { account: me.account, region: me.region, instance },
    tags: { state: "in-service" },
  });
  const reconciled = await membership.reconcile({ signal, listen: () => undefined });
  expect(reconciled).toEqual({ kind: "agrees", want: "in", changed: true });
  const calls = operations().filter((operation) => !/DescribeTargetHealth|GetChange$/.test(operation));
  expect(calls).toEqual([
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:RegisterTargets",
    "route53:ListHostedZonesByName",
    "route53:ListResourceRecordSets",
    "route53:ChangeResourceRecordSets",
    "ec2:CreateTags",
  ]);

  front.forgetCalls();
  expect(await membership.reconcile({ signal, listen: () => undefined })).toMatchObject({ changed: false });
  expect(operations().filter((operation) => !/Describe|List|Get/.test(operation))).toEqual([]);
});
