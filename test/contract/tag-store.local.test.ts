import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { createClock } from "../../src/adapters/host/clock.ts";
import { createRunLock } from "../../src/adapters/host/run-lock.ts";
import { createStateFiles } from "../../src/adapters/host/state-files.ts";
import { createInstanceReader } from "../../src/adapters/local/instance-source.ts";
import { addedTagFile, createTagFile, ownTagFile } from "../../src/adapters/local/tag-file.ts";
import { createLocalTagStore } from "../../src/adapters/local/tag-store.ts";
import type { Tags } from "../../src/domain/instance/instance.ts";
import type { StateFiles } from "../../src/ports/state-files.ts";
import { parseInstanceFile } from "../../src/settings/instance-file.ts";
import { instanceId, tagStoreSuite } from "./tag-store.suite.ts";

const { signal } = new AbortController();
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "muster-tags-"));
});

afterAll(() => rm(root, { recursive: true }));

/** A machine of the local cloud. @param written what its instance file says */
async function machine(written: Tags) {
  const directory = await mkdtemp(join(root, "machine-"));
  const file = join(directory, "instance.yaml");
  await writeFile(file, stringify({ id: instanceId, zone: "local-a", tags: written }));
  const files = createStateFiles(join(directory, "state"));
  let changes = 0;
  const counted: StateFiles = { ...files, write: (name, text) => ((changes += 1), files.write(name, text)) };
  function process() {
    const own = createTagFile({ files: counted, name: ownTagFile });
    const added = createTagFile({ files: counted, name: addedTagFile });
    const readInstance = createInstanceReader({ file, parse: parseInstanceFile });
    const lock = createRunLock(join(directory, "lock"), createClock());
    return { store: createLocalTagStore({ file, own, added, readInstance, lock }), own };
  }
  return { file, process, files, changes: () => changes };
}

tagStoreSuite("local", async (tags) => {
  const { process, changes } = await machine(tags);
  return { store: process().store, other: process().store, changes };
});

test("what a person wrote into the instance file is theirs to change", async () => {
  const { file, process } = await machine({ "muster:role": "web" });
  const before = await readFile(file, "utf8");
  const { store } = process();
  const refused = { code: "tag-in-instance-file" };
  await expect(store.add({ other: "x", "muster:role": "db" }, signal)).rejects.toMatchObject(refused);
  await expect(store.remove([{ key: "muster:role" }], signal)).rejects.toMatchObject(refused);
  expect((await store.list(signal)).tags).toEqual({ "muster:role": "web" });
  expect(await readFile(file, "utf8")).toBe(before);
});

test("muster's own tags are listed, changed until muster writes them again, and removed", async () => {
  const { process } = await machine({});
  const { store, own } = process();
  await own.write({ "muster:state": "in-service", "muster:run": "0001" }, signal);
  await store.add({ "muster:state": "by hand" }, signal);
  expect(await own.read(signal)).toEqual({ "muster:state": "by hand", "muster:run": "0001" });
  await own.write({ "muster:state": "in-service" }, signal);
  expect((await store.list(signal)).tags).toEqual({ "muster:state": "in-service", "muster:run": "0001" });
  await store.remove([{ key: "muster:run" }], signal);
  expect((await store.list(signal)).tags).toEqual({ "muster:state": "in-service" });
});

test("twenty processes at once lose nothing of each other's", async () => {
  const { process } = await machine({});
  const keys = Array.from({ length: 20 }, (_, at) => `key-${at}`);
  await Promise.all(keys.map((key) => process().store.add({ [key]: "x" }, signal)));
  expect(Object.keys((await process().store.list(signal)).tags).toSorted()).toEqual(keys.toSorted());
});

test("a file of added tags that is garbled is kept for a person, and counts for nothing", async () => {
  const { process, files } = await machine({ Name: "web" });
  await files.write(addedTagFile, "{");
  const { store } = process();
  expect((await store.list(signal)).tags).toEqual({ Name: "web" });
  await store.add({ a: "b" }, signal);
  expect((await store.list(signal)).tags).toEqual({ Name: "web", a: "b" });
  expect(await files.read(`${addedTagFile}.unreadable-1`)).toBe("{");
});
