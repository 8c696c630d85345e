import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import {
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
  type TargetDescription,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";

import { type Front, startFront } from "../../../lab/aws-front/front.ts";
import type { TargetGroup } from "../../../lab/aws-front/target-groups.ts";
import { createTargetHealth, type TargetHealth } from "../../../lab/aws-front/target-health.ts";
import { carryTraffic, type Traffic } from "../../../lab/aws-front/target-traffic.ts";
import { startHaproxy, type Haproxy } from "../../../lab/services/haproxy.ts";
import { listen, type Listener } from "../../../lab/services/network.ts";
import { waitFor } from "../../../lab/wait.ts";

const address = "127.66.4.6";
const arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web-dev/0123456789abcdef";
const [one, two] = ["i-0aaaaaaaaaaaaaaaa", "i-0bbbbbbbbbbbbbbbb"];
const addresses = new Map([
  [one, "127.66.4.11"],
  [two, "127.66.4.12"],
]);
const port = 8080;

const usual: TargetGroup = {
  arn,
  name: "web-dev",
  type: "instance",
  port,
  inUse: true,
  drainMs: 20_000,
  check: {
    protocol: "HTTP",
    path: "/health",
    codes: "200-299",
    intervalMs: 1_000,
    timeoutMs: 500,
    passes: 3,
    failures: 2,
  },
};

let group: TargetGroup | undefined;
let states: Map<string, string>;
/** What each server answers the health check: a status, or nothing at all. */
let says: Map<string, number | "silence">;
let work: string;
let web: Listener[];
let haproxy: Haproxy;
let traffic: Traffic;
let targets: TargetHealth;
let front: Front;
let elb: ElasticLoadBalancingV2Client;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "muster-targets-"));
  web = await Promise.all([...addresses].map(([id, at]) => listen(serverOf(id), at, port)));
  haproxy = await startHaproxy({ address: "127.66.4.4", dir: work, backends: [{ name: "web-dev" }] });
  traffic = carryTraffic(haproxy, ["web-dev"]);
  targets = createTargetHealth({
    groups: { find: async (asked) => (asked === arn ? group : undefined) },
    instances: { addressOf: (id) => addresses.get(id), stateOf: async (id) => states.get(id) },
    traffic,
    scale: 0.1,
    alone: true,
  });
  front = await startFront({ address, port: 4566, upstream: "http://127.66.4.6:9", handlers: [targets] });
  elb = new ElasticLoadBalancingV2Client({
    endpoint: front.endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret" },
    maxAttempts: 1,
  });
});

afterAll(async () => {
  elb?.destroy();
  await front?.stop();
  await haproxy?.stop();
  for (const listener of web ?? []) await listener.close();
  await rm(work, { recursive: true, force: true });
});

beforeEach(() => {
  group = usual;
  states = new Map([...addresses.keys()].map((id) => [id, "running"]));
  says = new Map();
});

afterEach(async () => {
  expect(await traffic.settled()).toEqual([]);
  targets.reset?.();
  traffic.follow("web-dev", []);
  await traffic.settled();
});

function serverOf(id: string): Server {
  return createServer((request, response) => {
    const status = request.url === "/health" ? (says.get(id) ?? 200) : 200;
    if (status === "silence") return;
    if (request.url === "/slow") void sleep(1_000).then(() => response.end(`${id}\n`));
    else response.writeHead(status).end(`${id}\n`);
  });
}

async function register(...names: readonly TargetDescription[]): Promise<void> {
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn: arn, Targets: [...names] }));
}

async function deregister(...names: readonly TargetDescription[]): Promise<void> {
  await elb.send(new DeregisterTargetsCommand({ TargetGroupArn: arn, Targets: [...names] }));
}

/** As the SDK reads it. */
async function healthOf(Id: string, Port?: number) {
  const Target = { Id, ...(Port === undefined ? {} : { Port }) };
  const answer = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn, Targets: [Target] }));
  return answer.TargetHealthDescriptions?.[0]?.TargetHealth;
}

async function until(state: string, id: string = one): Promise<void> {
  await waitFor(async () => (await healthOf(id))?.State === state, {
    what: `${id} is ${state}`,
    timeout: 8_000,
    every: 20,
  });
}

test("a target is registered, checked, and healthy after one check that passed", async () => {
  await register({ Id: one });
  expect(await healthOf(one)).toEqual({
    State: "initial",
    Reason: "Elb.RegistrationInProgress",
    Description: "Target registration is in progress",
  });
  await until("healthy");
  const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }));
  expect(TargetHealthDescriptions).toEqual([
    { Target: { Id: one, Port: port }, HealthCheckPort: "8080", TargetHealth: { State: "healthy" } },
  ]);
});

test.each([
  ["a wrong status", 503, "Target.ResponseCodeMismatch", "Health checks failed with these codes: [503]"],
  ["no answer in time", "silence", "Target.Timeout", "Request timed out"],
] as const)("%s is unhealthy, and the reason is said", async (_what, said, Reason, Description) => {
  says.set(one, said);
  await register({ Id: one });
  await until("unhealthy");
  expect(await healthOf(one)).toEqual({ State: "unhealthy", Reason, Description });
});

test("a port where nobody listens is unhealthy, and is another target than the next port", async () => {
  await register({ Id: one }, { Id: one, Port: 8081 });
  await until("healthy");
  await waitFor(async () => (await healthOf(one, 8081))?.State === "unhealthy", { what: "8081 is unhealthy" });
  expect(await healthOf(one, 8081)).toMatchObject({ Reason: "Target.FailedHealthChecks" });
});

test("what was taken out comes back after as many passes as the group asks for", async () => {
  await register({ Id: one });
  await until("healthy");
  says.set(one, 500);
  await until("unhealthy");
  const back = performance.now();
  says.set(one, 204);
  await until("healthy");
  // Three checks are two intervals of 100 ms apart at least.
  expect(performance.now() - back).toBeGreaterThan(190);
});

test("a group that no listener uses checks nothing; its targets leave at once", async () => {
  group = { ...usual, inUse: false };
  await register({ Id: one });
  await until("unused");
  expect(await healthOf(one)).toMatchObject({ Reason: "Target.NotInUse" });
  group = usual;
  await until("healthy");
  group = { ...usual, inUse: false };
  await until("unused");
  await deregister({ Id: one });
  await waitFor(async () => (await healthOf(one))?.Reason === "Target.NotRegistered", { what: "gone", timeout: 1_000 });
});

test("a drain lasts as long as the group says, and registering again ends it", async () => {
  await register({ Id: one });
  await until("healthy");
  await deregister({ Id: one });
  await until("draining");
  expect(await healthOf(one)).toMatchObject({ Reason: "Target.DeregistrationInProgress" });
  await register({ Id: one });
  expect(await healthOf(one)).toMatchObject({ State: "initial" });
  await until("healthy");
  await deregister({ Id: one });
  const begun = performance.now();
  await until("unused");
  expect(performance.now() - begun).toBeGreaterThan(1_800);
  expect(await healthOf(one)).toMatchObject({ Reason: "Target.NotRegistered" });
  await deregister({ Id: one });
});

test("users are sent to healthy targets only, and see nothing of one that joins and leaves", async () => {
  await register({ Id: one });
  await until("healthy");
  await traffic.settled();
  const users = haproxy.watch("/", { everyMs: 10 });
  says.set(two, 500);
  await register({ Id: two });
  await until("unhealthy", two);
  expect(await answering(10)).toEqual([one]);
  says.set(two, 200);
  await until("healthy", two);
  await traffic.settled();
  expect(await answering(10)).toEqual([one, two]);
  const late = haproxy.get("/slow");
  await deregister({ Id: one });
  await until("draining");
  await traffic.settled();
  expect(await answering(10)).toEqual([two]);
  expect(await late).toMatchObject({ status: 200 });
  await until("unused");
  await traffic.settled();
  expect((await haproxy.servers("web-dev")).map(({ name }) => name)).toEqual([`${two}_8080`]);
  await users.stop();
  expect(users.failures).toEqual([]);
  expect(users.ok).toBeGreaterThan(50);
});

test("a group whose targets all fail sends users to all of them", async () => {
  says.set(one, 500);
  await register({ Id: one });
  await until("unhealthy");
  await traffic.settled();
  expect(await answering(2)).toEqual([one]);
});

test("an IP group takes addresses, and an instance group instances that run", async () => {
  await expect(register({ Id: "127.66.4.11" })).rejects.toMatchObject({ name: "ValidationError" });
  await expect(register({ Id: "i-0cccccccccccccccc" })).rejects.toMatchObject({
    name: "InvalidTargetException",
    message: "The following instances do not exist: 'i-0cccccccccccccccc'",
  });
  states.set(one, "terminated");
  await expect(register({ Id: one })).rejects.toMatchObject({
    name: "InvalidTargetException",
    message: `The following targets are not in a running state and cannot be registered: '${one}'`,
  });
  group = { ...usual, type: "ip" };
  await expect(register({ Id: one })).rejects.toMatchObject({ name: "ValidationError" });
  await register({ Id: "127.66.4.11" });
  await until("healthy", "127.66.4.11");
});

test("a stopped instance is unused, and a missing group is said", async () => {
  await register({ Id: one });
  states.set(one, "stopped");
  expect(await healthOf(one)).toMatchObject({ State: "unused", Reason: "Target.InvalidState" });
  group = undefined;
  await expect(register({ Id: one })).rejects.toMatchObject({ name: "TargetGroupNotFoundException" });
  await expect(healthOf(one)).rejects.toMatchObject({ name: "TargetGroupNotFoundException" });
});

/** Who answers `count` users, one after the other. */
async function answering(count: number): Promise<readonly string[]> {
  const bodies = new Set<string>();
  for (let asked = 0; asked < count; asked += 1) bodies.add((await haproxy.get("/")).body.trim());
  return [...bodies].toSorted();
}
