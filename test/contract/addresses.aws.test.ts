// Another Elastic IP while the instance serves: metadata, watch, wish and Route 53 together, on the wire.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAwsCloud } from "../../src/adapters/aws/cloud.ts";
import { createClock } from "../../src/adapters/host/clock.ts";
import { watchAddresses } from "../../src/daemon/watches/watch-addresses.ts";
import type { EventBody } from "../../src/domain/run/events.ts";
import type { Role } from "../../src/domain/role/role.ts";
import type { DaemonDeps } from "../../src/daemon/deps.ts";
import { endpointsOf } from "../../src/membership/endpoints.ts";
import { createMembership } from "../../src/membership/membership.ts";
import type { Duty } from "../../src/run/state/duty.ts";
import { success } from "../lab/aws-front/answers.ts";
import { startFront, type Front } from "../lab/aws-front/front.ts";
import { forActions } from "../lab/aws-front/handler.ts";
import { createRoute53 } from "../lab/aws-front/route53.ts";
import { waitFor } from "../lab/wait.ts";
import { createFakeStateFiles } from "../fakes/state-files.ts";
import { startMetadata, type MetadataServer } from "../unit/adapters/aws/metadata-server.ts";

const { signal } = new AbortController();
const instance = "i-0a1b2c3d4e5f60718";
const names = createRoute53({ zones: [{ id: "Z1", name: "example.test.", private: false }] });
const role: Role = {
  name: "web",
  patch: { scope: "none", exclude: [], reboot: "never", timeoutMs: 1 },
  converge: [],
  health: { system: [], service: [], smoke: [], deadlineMs: 1, everyMs: 1, fall: 1, rise: 1 },
  register: [],
  dns: [
    { zone: "example.test", name: "www", type: "A", ttl: 30, value: "{instance.publicIpv4}", routing: "multivalue" },
    { zone: "example.test", name: "one", type: "A", ttl: 30, value: "{instance.publicIpv4}" },
  ],
  leave: { limitMs: 1_000, beforeStop: [], rebalance: "cordon", cordonMs: 1_000, maintenance: "drain" },
  schedule: {},
};

let front: Front;
let metadata: MetadataServer;

beforeAll(async () => {
  metadata = await startMetadata({
    "dynamic/instance-identity/document": JSON.stringify({
      accountId: "111122223333",
      availabilityZone: "eu-west-1a",
      instanceId: instance,
      privateIp: "10.0.0.5",
      region: "eu-west-1",
    }),
    "meta-data/local-ipv4": "10.0.0.5",
    "meta-data/public-ipv4": "203.0.113.5",
    "meta-data/local-hostname": "web-1",
    "meta-data/tags/instance": "muster:role",
    "meta-data/tags/instance/muster:role": "web",
  });
  const tags = forActions("tags", "ec2", ["CreateTags"], async (request) => success(request, "<return>true</return>"));
  front = await startFront({
    address: "127.66.57.1",
    port: 4566,
    upstream: "http://127.66.57.2:9",
    handlers: [names, tags],
  });
  process.env["AWS_ENDPOINT_URL"] = front.endpoint;
  process.env["AWS_ACCESS_KEY_ID"] = "AKIAEXAMPLE";
  process.env["AWS_SECRET_ACCESS_KEY"] = "secret";
});

afterAll(() => Promise.all([front?.stop(), metadata?.close()]));

/** Every address in the zone: values of A records, and what the claims beside them say. */
function addresses(): readonly string[] {
  return [...new Set(JSON.stringify(names.records("example.test")).match(/203\.0\.113\.\d+/g))];
}

test("another Elastic IP replaces the old one in every record and claim", async () => {
  const clock = createClock();
  const cloud = createAwsCloud({
    tagPrefix: "muster:",
    env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.endpoint },
    credentials: "chain",
    files: createFakeStateFiles(),
    clock,
    onCall: () => undefined,
    onWarning: (code, text) => expect.unreachable(`${code}: ${text}`),
  });
  const membership = createMembership({ files: createFakeStateFiles(), clock, tagPrefix: "muster:", ...cloud });
  const identity = await cloud.identity.read(signal);
  const facts = { role: "web", environment: "dev", identity };
  const { account, region } = identity.instance;
  await membership.want({
    want: "in",
    by: "run",
    reason: "every gate passed",
    bootId: "boot-1",
    places: endpointsOf(role, facts),
    owner: { account, region, instance },
    tags: { state: "in-service" },
  });
  await membership.reconcile({ signal, listen: () => undefined });
  expect(addresses()).toEqual(["203.0.113.5"]);

  const told: EventBody[] = [];
  let duty = { role, environment: "dev", identity, commit: "c" } as unknown as Duty;
  const over = new AbortController();
  const deps = {
    membership,
    identity: cloud.identity,
    clock,
    intervals: { tagsMs: 50 },
    choose: () => ({ names: [], refused: [] }),
    bus: { emit: (event: EventBody) => void told.push(event) },
    status: { current: () => ({ bootId: "boot-1", run: { finished: true } }) },
    duty: { current: () => duty, adopt: async (next: Duty) => void (duty = next) },
  } as unknown as DaemonDeps;
  const watching = watchAddresses(deps, over.signal).catch(() => undefined);
  metadata.pages.set("meta-data/public-ipv4", "203.0.113.99");
  await waitFor(async () => addresses().join() === "203.0.113.99", { what: "the new address", timeout: 20_000 });
  expect(duty.identity.instance.addresses.publicIpv4).toBe("203.0.113.99");
  expect(told.filter((event) => event.type === "notice")).toMatchObject([{ code: "address-changed" }]);
  over.abort(new Error("the test is over"));
  await watching;
});
