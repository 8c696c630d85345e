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

function createWorld() {
  const clock = createFakeClock();
  const cloud = createAwsCloud({
    tagPrefix: "muster:",
    env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.endpoint },
    credentials: "chain",
    files: createFakeStateFiles(),
    clock,
    onCall: () => undefined,
    onWarning: () => expect.unreachable(),
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
