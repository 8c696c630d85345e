import { describe, expect, test } from "vitest";
import type { Tags } from "../../src/domain/instance/instance.ts";
import type { TagStore } from "../../src/ports/tag-store.ts";

/** An instance that has these tags, and nothing around it. */
export type TagStoreWorld = {
  readonly store: TagStore;
  /** The same tags as another process of this instance sees them. */
  readonly other: TagStore;
  /** How often somebody outside was asked to change something. */
  readonly changes: () => number;
};

export const instanceId = "i-0a1b2c3d4e5f60718";

/** The contract of src/ports/tag-store.ts. */
export function tagStoreSuite(name: string, create: (tags: Tags) => Promise<TagStoreWorld>): void {
  const { signal } = new AbortController();

  describe(`tag store: ${name}`, () => {
    test("lists what is there, and it is fresh", async () => {
      const { store } = await create({ Name: "web", empty: "" });
      expect(await store.list(signal)).toEqual({ tags: { Name: "web", empty: "" } });
    });

    test("what was added is there for every process, and nothing else changed; twice is as once", async () => {
      const { store, other } = await create({ Name: "web" });
      await store.add({ "app:tier": "front = 1", raw: "" }, signal);
      await other.add({ "app:tier": "back", more: "größe 漢字 __proto__" }, signal);
      await store.add({ raw: "" }, signal);
      const expected = { Name: "web", "app:tier": "back", raw: "", more: "größe 漢字 __proto__" };
      expect((await store.list(signal)).tags).toEqual(expected);
      expect((await other.list(signal)).tags).toEqual(expected);
    });

    test("removes a key whatever its value, or only with the value that is named", async () => {
      const { store } = await create({});
      await store.add({ a: "1", b: "2", c: "3" }, signal);
      await store.remove([{ key: "a" }, { key: "b", value: "other" }, { key: "c", value: "3" }], signal);
      expect((await store.list(signal)).tags).toEqual({ b: "2" });
      await store.remove([{ key: "a" }], signal);
      expect((await store.list(signal)).tags).toEqual({ b: "2" });
    });

    test.each([
      ["a reserved key", { "AWS:name": "x" }],
      ["an empty key", { "": "x" }],
      ["a key of 129 characters", { ["k".repeat(129)]: "x" }],
      ["a value of 257 characters", { key: "v".repeat(257) }],
      ["a good one beside a bad one", { good: "x", "aws:bad": "y" }],
      ["more than 50 tags", Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`t${at}`, ""]))],
    ] as const)("%s is refused before anybody is asked, and nothing is written", async (_what, tags) => {
      const { store, changes } = await create({ Name: "web" });
      const failed = store.add(tags, signal);
      await expect(failed).rejects.toMatchObject({ code: "tags-impossible", transient: false });
      expect(changes()).toBe(0);
      expect((await store.list(signal)).tags).toEqual({ Name: "web" });
    });

    test("49 more beside one are 50, and those of AWS do not count", async () => {
      const { store } = await create({ Name: "web", "aws:autoscaling:groupName": "web" });
      await store.add(Object.fromEntries(Array.from({ length: 49 }, (_, at) => [`t${at}`, ""])), signal);
      await expect(store.add({ one: "more" }, signal)).rejects.toThrow("51 tags");
      await store.add({ t0: "again" }, signal);
    });

    test("what AWS reserved cannot be removed", async () => {
      const { store, changes } = await create({ "aws:x": "y" });
      const failed = store.remove([{ key: "Name" }, { key: "aws:x" }], signal);
      await expect(failed).rejects.toMatchObject({ code: "tags-impossible" });
      expect(changes()).toBe(0);
    });

    test("a change that names no tag is refused before anybody is asked: none does not mean all", async () => {
      const { store, changes } = await create({ Name: "web" });
      const impossible = { code: "tags-impossible", transient: false };
      await expect(store.remove([], signal)).rejects.toMatchObject(impossible);
      await expect(store.remove([{ key: "" }], signal)).rejects.toMatchObject(impossible);
      await expect(store.add({}, signal)).rejects.toMatchObject(impossible);
      expect(await store.find([], signal)).toEqual([]);
      expect(changes()).toBe(0);
      expect((await store.list(signal)).tags).toEqual({ Name: "web" });
    });

    test.each([
      [[{ key: "app:tier", value: "front" }], true],
      [[{ key: "app:tier", value: "back" }, { key: "Name" }], true],
      [[{ key: "app:tier" }], true],
      [[{ key: "app:*" }], true],
      [[{ key: "app:*", value: "f*t" }], true],
      [[{ key: "app:tier", value: "fr?nt" }], false],
      [[{ key: "app:tier", value: "back" }], false],
      [[{ key: "tier" }], false],
    ])("finds this instance by %j: %s", async (wanted, found) => {
      const { store } = await create({ Name: "web", "app:tier": "front" });
      const expected = found ? [{ id: instanceId, tags: { Name: "web", "app:tier": "front" } }] : [];
      expect(await store.find(wanted, signal)).toEqual(expected);
    });

    test("an abort ends every call with its reason", async () => {
      const { store, changes } = await create({});
      const aborted = AbortSignal.abort(new Error("enough"));
      await expect(store.list(aborted)).rejects.toThrow("enough");
      await expect(store.add({ a: "b" }, aborted)).rejects.toThrow("enough");
      await expect(store.remove([{ key: "a" }], aborted)).rejects.toThrow("enough");
      await expect(store.find([{ key: "a" }], aborted)).rejects.toThrow("enough");
      expect(changes()).toBe(0);
    });
  });
}
