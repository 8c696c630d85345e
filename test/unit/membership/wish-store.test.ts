import { expect, test } from "vitest";
import { nextWish } from "../../../src/membership/wish.ts";
import { readWish } from "../../../src/membership/wish-file.ts";
import { createWishStore } from "../../../src/membership/wish-store.ts";
import { createFakeStateFiles } from "../../fakes/state-files.ts";
import { wantIn, wantOut } from "./world.ts";

const now = new Date("2026-01-01T00:00:00Z");
const joined = { wish: nextWish(undefined, wantIn(), now) };
const left = { wish: nextWish(joined.wish, wantOut(), now) };

test("a note about a wish that was replaced meanwhile changes nothing", async () => {
  const files = createFakeStateFiles();
  const store = createWishStore(files);
  await store.replace(() => joined);
  const signal = store.signal();
  const replacing = store.replace(() => left);
  await expect(store.note({ ...joined, partedAt: now.toISOString() }, signal)).rejects.toThrow("another wish");
  await replacing;
  expect(store.record()).toEqual(left);
  expect(await readWish(files)).toEqual({ kind: "read", record: left });
});

test("what could not be written is not in force", async () => {
  const files = createFakeStateFiles();
  const store = createWishStore(files);
  await store.replace(() => joined);
  const signal = store.signal();
  files.failWrites(new Error("disk full"));
  await expect(store.replace(() => left)).rejects.toThrow("disk full");
  expect(store.record()).toEqual(joined);
  expect(signal.aborted).toBe(false);
  files.failWrites(undefined);
  await store.replace(() => left);
  expect(store.record()).toEqual(left);
});

test("the same record back writes nothing and replaces nothing", async () => {
  const files = createFakeStateFiles();
  const store = createWishStore(files);
  await store.replace(() => joined);
  const signal = store.signal();
  files.failWrites(new Error("nothing may be written"));
  await store.replace((former) => former ?? left);
  expect(signal.aborted).toBe(false);
});
