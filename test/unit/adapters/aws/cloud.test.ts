import { afterEach, beforeEach, expect, test } from "vitest";
import { createAwsCloud } from "../../../../src/adapters/aws/cloud.ts";
import { fenceSdk } from "../../../../src/adapters/aws/sdk-fence.ts";
import { createFakeClock } from "../../../fakes/clock.ts";
import { createFakeStateFiles } from "../../../fakes/state-files.ts";
import { startAws, type AwsServer } from "./aws-server.ts";
import { startMetadata, type MetadataServer } from "./metadata-server.ts";

const { signal } = new AbortController();
const document = {
  accountId: "111122223333",
  availabilityZone: "eu-west-1a",
  instanceId: "i-0a1b2c3d4e5f60718",
  region: "eu-west-1",
};
const shown = "meta-data/tags/instance";

let aws: AwsServer;
let metadata: MetadataServer;

beforeEach(async () => {
  aws = await startAws();
  aws.answer = (action) => {
    if (action !== "CreateTags") throw new Error(`${action} is not asked`);
    return "<return>true</return>";
  };
  metadata = await startMetadata({ "dynamic/instance-identity/document": JSON.stringify(document) });
  show({ "muster:role": "web" });
});

afterEach(async () => void (await Promise.all([aws.close(), metadata.close()])));

function show(tags: Readonly<Record<string, string>>): void {
  for (const path of metadata.pages.keys()) if (path.startsWith(shown)) metadata.pages.delete(path);
  metadata.pages.set(shown, Object.keys(tags).join("\n"));
  for (const [key, value] of Object.entries(tags)) metadata.pages.set(`${shown}/${key}`, value);
}

function createWorld(onWarning: (code: string, text: string) => void = () => expect.unreachable()) {
  const clock = createFakeClock();
  const cloud = createAwsCloud({
    tagPrefix: "muster:",
    env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.endpoint },
    credentials: "chain",
    files: createFakeStateFiles(),
    clock,
    onCall: () => undefined,
    onWarning,
  });
  return { ...cloud, clock };
}

test("without tags in the metadata, a look at those that steer finds them missing too", async () => {
  metadata.pages.delete(shown);
  let item = "<item><key>muster:role</key><value>web</value></item>";
  aws.answer = (action) => (action === "DescribeTags" ? `<tagSet>${item}</tagSet>` : "<return>true</return>");
  const { clock, tags, identity } = createWorld();
  await identity.read(signal);
  await tags.write({ "muster:state": "in-service" }, signal);
  await clock.sleep(5 * 60_000, signal);
  expect(await tags.read(signal)).toEqual({ "muster:role": "web", "muster:state": "in-service" });
  item += "<item><key>muster:state</key><value>by hand</value></item>";
  await identity.observe(new Set(["muster:role"]), true, signal);
  expect(await tags.read(signal)).toEqual({ "muster:role": "web", "muster:state": "by hand" });
  expect(aws.asked).toEqual(["DescribeTags", "CreateTags", "DescribeTags"]);
});

test("state tags that somebody took away or changed are found missing within minutes, at no call and without a run", async () => {
  const { clock, tags, identity } = createWorld();
  await identity.read(signal);
  await tags.write({ "muster:state": "in-service", "muster:run": "0001" }, signal);
  const asked = metadata.asked.length;
  expect(await tags.read(signal)).toMatchObject({ "muster:state": "in-service", "muster:run": "0001" });
  expect(metadata.asked).toHaveLength(asked);

  await clock.sleep(5 * 60_000, signal);
  show({ "muster:role": "web", "muster:state": "by hand" });
  expect(await tags.read(signal)).toEqual({ "muster:role": "web", "muster:state": "by hand" });

  // Nobody to ask: what was known last has to do.
  await clock.sleep(5 * 60_000, signal);
  await metadata.close();
  expect(await tags.read(signal)).toEqual({ "muster:role": "web", "muster:state": "by hand" });
  expect(aws.asked).toEqual(["CreateTags"]);
});

test("a variable that says where AWS is and is malformed is refused before anything is asked", () => {
  const env = { AWS_REGION: "eu-west-1 ", AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.endpoint };
  const deps = { credentials: "chain", files: createFakeStateFiles(), clock: createFakeClock() } as const;
  const make = () =>
    createAwsCloud({
      ...deps,
      tagPrefix: "muster:",
      env,
      onCall: () => undefined,
      onWarning: () => expect.unreachable(),
    });
  expect(make).toThrow(expect.objectContaining({ code: "environment-malformed" }));
});

function fromEnvironment() {
  return createAwsCloud({
    ...{ env: process.env, credentials: "instance", tagPrefix: "muster:", clock: createFakeClock() },
    ...{ files: createFakeStateFiles(), onCall: () => undefined, onWarning: () => undefined },
  });
}

test("what the environment says of attempts and authorities counts, also with the instance's own role", async () => {
  const kept = { ...process.env };
  metadata.pages.set("meta-data/iam/security-credentials/", "web");
  const key = { AccessKeyId: "ASIAROLE", SecretAccessKey: "a-secret-of-this-test", Token: "token" };
  const role = { Code: "Success", ...key, Expiration: "2100-01-01T00:00:00Z" };
  metadata.pages.set("meta-data/iam/security-credentials/web", JSON.stringify(role));
  process.env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = metadata.endpoint;
  process.env["AWS_MAX_ATTEMPTS"] = "2";
  aws.answer = () => ({ status: 503, code: "Unavailable" });
  try {
    await expect(fromEnvironment().tagStore.add({ owner: "a" }, signal)).rejects.toMatchObject({
      code: "aws-unreachable",
    });
    expect(aws.asked).toEqual(["DescribeTags", "DescribeTags", "CreateTags", "CreateTags"]);
    process.env["AWS_CA_BUNDLE"] = "/nonexistent/ca.pem";
    await expect(fromEnvironment().tagStore.add({ owner: "a" }, signal)).rejects.toMatchObject({
      code: "aws-certificate-refused",
    });
    expect(aws.asked).toHaveLength(4);
  } finally {
    fenceSdk("chain");
    for (const name of ["AWS_MAX_ATTEMPTS", "AWS_CA_BUNDLE", "AWS_EC2_METADATA_SERVICE_ENDPOINT"])
      delete process.env[name];
    Object.assign(process.env, kept);
  }
});

test("no tag at all where there were some is late for two minutes; one tag less counts at once", async () => {
  metadata.pages.delete(shown);
  const role = "<item><key>muster:role</key><value>web</value></item>";
  const name = "<item><key>Name</key><value>one</value></item>";
  let items = role + name;
  aws.answer = () => `<tagSet>${items}</tagSet>`;
  const { clock, identity } = createWorld();
  const keys = new Set(["muster:role", "Name"]);
  await identity.read(signal);
  items = "";
  const late = { code: "tags-late", transient: true };
  await expect(identity.observe(keys, true, signal)).rejects.toMatchObject(late);
  // A run takes the tags that were known last.
  expect(await identity.read(signal)).toMatchObject({ tags: { "muster:role": "web", Name: "one" } });
  await clock.sleep(60_000, signal);
  await expect(identity.observe(keys, true, signal)).rejects.toMatchObject(late);
  items = name;
  expect(await identity.observe(keys, true, signal)).toMatchObject({ tags: { Name: "one" } });
  items = "";
  await expect(identity.observe(keys, true, signal)).rejects.toMatchObject(late);
  await clock.sleep(120_000, signal);
  expect(await identity.observe(keys, true, signal)).toMatchObject({ tags: {} });
});

test.each([
  ["denied", { code: "UnauthorizedOperation" }],
  ["told that there is no such instance", { code: "InvalidInstanceID.NotFound", message: "'i-1' does not exist" }],
])("a call that is %s looks again which instance this is", async (_what, refusal) => {
  const { identity, tags } = createWorld();
  await identity.read(signal);
  let refused = true;
  let tagged: string | null = null;
  aws.answer = (_action, parameters) => {
    tagged = parameters.get("ResourceId.1");
    return refused ? refusal : "<return>true</return>";
  };
  const same: unknown = await tags.write({ "muster:state": "x" }, signal).catch((error: unknown) => error);
  expect((same as Error).message).not.toContain("the metadata names");
  metadata.pages.set(
    "dynamic/instance-identity/document",
    JSON.stringify({ ...document, instanceId: "i-0f0b2c3d4e5f60718" }),
  );
  await expect(tags.write({ "muster:state": "x" }, signal)).rejects.toMatchObject({
    message: expect.stringContaining(
      "the metadata names instance i-0f0b2c3d4e5f60718 now, not i-0a1b2c3d4e5f60718",
    ) as string,
  });
  refused = false;
  await tags.write({ "muster:state": "x" }, signal);
  expect(tagged).toBe("i-0f0b2c3d4e5f60718");
});

test("words that AWS does not document are said once, with what they count as", async () => {
  const told: string[] = [];
  const { lifecycle, notices } = createWorld((code, text) => told.push(`${code}: ${text}`));
  metadata.pages.set("meta-data/autoscaling/target-lifecycle-state", "Hovering");
  metadata.pages.set("meta-data/instance-life-cycle", "timeshare");
  metadata.pages.set("meta-data/spot/instance-action", '{"action":"evict","time":"2026-11-21T08:02:00Z"}');
  expect([await lifecycle.target(signal), await lifecycle.target(signal)]).toEqual(["other", "other"]);
  expect(await notices.pending(signal)).toMatchObject([{ kind: "spot", action: "terminate" }]);
  expect(told).toEqual([
    'cloud-value-unknown: The target lifecycle state in the metadata is "Hovering", which this muster does not know: it counts as one in which the group lets the instance neither in nor out, and waits for nothing',
    'cloud-value-unknown: The purchase option in the metadata (instance-life-cycle) is "timeshare", which this muster does not know: it counts as spot: its notices are looked for',
    'cloud-notice-unreadable: The metadata page spot/instance-action is malformed, the rest of it counts: action is "evict", which counts as "terminate"',
  ]);
});
