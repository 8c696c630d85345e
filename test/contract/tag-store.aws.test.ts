import { afterEach, beforeEach, expect, test } from "vitest";
import { createTagCache } from "../../src/adapters/aws/tag-cache.ts";
import { createEc2TagStore } from "../../src/adapters/aws/tag-store.ts";
import type { Tags } from "../../src/domain/instance/instance.ts";
import type { TagStore } from "../../src/ports/tag-store.ts";
import { createFakeStateFiles } from "../fakes/state-files.ts";
import { startAws, type AwsServer } from "../unit/adapters/aws/aws-server.ts";
import { createEc2, type Ec2 } from "./tag-store.aws.world.ts";
import { instanceId, tagStoreSuite } from "./tag-store.suite.ts";

const { signal } = new AbortController();
const now = new Date("2026-01-01T12:00:00Z");
let aws: AwsServer;
let ec2: Ec2;
let files = createFakeStateFiles();
let shown: Tags | undefined;
let changesTold = 0;

beforeEach(async () => {
  aws = await startAws();
  ec2 = createEc2();
  aws.answer = (action, parameters) => ec2.answer(action, parameters);
  files = createFakeStateFiles();
  shown = undefined;
  changesTold = 0;
});

afterEach(() => aws.close());

function launch(id: string, tags: Tags, state = "running"): void {
  ec2.instances.set(id, { state, tags: new Map(Object.entries(tags)) });
}

/** How often EC2 was asked to change something. */
function changes(): number {
  return aws.asked.filter((action) => !action.startsWith("Describe")).length;
}

async function idsWith(key: string, value: string): Promise<readonly string[]> {
  return (await storeOf().find([{ key, value }], signal)).map(({ id }) => id);
}

function storeOf(): TagStore {
  return createEc2TagStore({
    ...aws.deps,
    instanceId: async () => instanceId,
    shown: async () => shown,
    cache: createTagCache(files, () => now),
    changed: () => void (changesTold += 1),
  });
}

tagStoreSuite("EC2", async (tags) => {
  launch(instanceId, tags);
  return { store: storeOf(), other: storeOf(), changes };
});

test("others are found too, page by page, each once, and what is terminated is not", async () => {
  launch(instanceId, { app: "web" });
  for (const at of [9, 3, 7, 5]) launch(`i-${at}`, { app: "web", more: `${at}` });
  launch("i-4", { app: "db" });
  launch("i-2", { app: "web" }, "terminated");
  const found = await storeOf().find([{ key: "app", value: "web" }, { key: "more" }], signal);
  expect(found.map(({ id }) => id)).toEqual([instanceId, "i-3", "i-5", "i-7", "i-9"]);
  expect(found[1]?.tags).toEqual({ app: "web", more: "3" });
});

test("what EC2 takes for a wildcard and we do not is meant as it stands", async () => {
  launch("i-1", { a: "x?", b: String.raw`c:\*` });
  launch("i-2", { a: "xy", b: String.raw`c:\dir` });
  expect(await idsWith("a", "x?")).toEqual(["i-1"]);
  expect(await idsWith("b", String.raw`c:\*`)).toEqual(["i-1", "i-2"]);
});

test("whoever remembers tags is told of a change, and of no failure", async () => {
  launch(instanceId, {});
  const store = storeOf();
  await store.add({ a: "b" }, signal);
  await store.remove([{ key: "a" }], signal);
  expect(changesTold).toBe(2);
  aws.answer = () => ({ status: 403, code: "UnauthorizedOperation" });
  await expect(store.remove([{ key: "a" }], signal)).rejects.toMatchObject({ code: "aws-access-denied" });
  expect(changesTold).toBe(2);
});

test("with AWS gone the last known tags are listed, and it is said from when they are", async () => {
  launch(instanceId, { Name: "web", gone: "soon" });
  const store = storeOf();
  await store.list(signal);
  await store.add({ "app:tier": "front" }, signal);
  await store.remove([{ key: "gone" }], signal);
  aws.answer = () => ({ status: 503, code: "Unavailable" });
  expect(await storeOf().list(signal)).toEqual({
    tags: { Name: "web", "app:tier": "front" },
    stale: { asOf: "2026-01-01T12:00:00.000Z", why: expect.stringContaining("ec2:DescribeTags") as string },
  });
  await expect(store.add({ a: "b" }, signal)).rejects.toMatchObject({ code: "aws-unreachable" });
  await expect(store.remove([{ key: "a" }], signal)).rejects.toMatchObject({ code: "aws-unreachable" });
  await expect(store.find([{ key: "a" }], signal)).rejects.toMatchObject({ code: "aws-unreachable" });
}, 60_000);

test("an AWS that says nothing at all is not waited for where the tags are known", async () => {
  launch(instanceId, { Name: "web" });
  await storeOf().list(signal);
  aws.answer = () => undefined;
  const begun = performance.now();
  const { stale } = await storeOf().list(signal);
  expect(stale?.why).toBe("EC2 did not answer within 5 s");
  expect(performance.now() - begun).toBeLessThan(9_000);
}, 20_000);

test("an AWS that is slow is waited for where nothing else is known", async () => {
  launch(instanceId, { Name: "web" });
  let slow = true;
  aws.answer = (action, parameters) => {
    if (!slow) return ec2.answer(action, parameters);
    slow = false;
    return undefined;
  };
  expect(await storeOf().list(signal)).toEqual({ tags: { Name: "web" } });
}, 20_000);

test("tags that the metadata shows are fresh, whatever becomes of the API", async () => {
  shown = { Name: "web" };
  aws.answer = () => ({ status: 403, code: "UnauthorizedOperation" });
  expect(await storeOf().list(signal)).toEqual({ tags: { Name: "web" } });
});

test("nothing known and nobody to ask is an error, and another instance's tags are not known", async () => {
  await createTagCache(files, () => now).keep("i-another", { Name: "db" });
  aws.answer = () => ({ status: 403, code: "UnauthorizedOperation" });
  await expect(storeOf().list(signal)).rejects.toMatchObject({ code: "aws-access-denied" });
});
