import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Wish } from "../../../src/domain/membership/membership.ts";
import { nextWish } from "../../../src/membership/wish.ts";
import { readWish, wishFile, writeWish } from "../../../src/membership/wish-file.ts";
import { createFakeStateFiles } from "../../fakes/state-files.ts";
import { createWorld, home, record, target, wantIn, wantOut } from "./world.ts";

const now = new Date("2026-01-01T00:00:00Z");
const later = new Date("2026-01-01T01:00:00Z");

describe("the next wish", () => {
  test("leaving and joining by hand take places, owner and tags from the wish before", () => {
    const joined = nextWish(undefined, wantIn(), now);
    const left = nextWish(joined, wantOut(), later);
    expect(left).toMatchObject({ want: "out", places: home, owner: joined.owner, since: later.toISOString() });
    expect(left.tags).toEqual({ ...joined.tags, state: "out-of-service", reason: "muster drain" });
  });

  test("what is no longer wanted is former, until it is wanted again", () => {
    const first = nextWish(undefined, wantIn({ targets: [target()], records: [record("a"), record("b")] }), now);
    const second = nextWish(first, wantIn({ targets: [target("api")], records: [record("b")] }), now);
    expect(second.former).toEqual({ targets: [target()], records: [record("a")] });
    const third = nextWish(second, wantIn({ targets: [target()], records: [record("c")] }), now);
    expect(third.former).toEqual({ targets: [target("api")], records: [record("b"), record("a")] });
  });

  test("the same place with another TTL or address is not former", () => {
    const first = nextWish(undefined, wantIn(), now);
    const moved = wantIn({ targets: [target("web", 80, "10.0.0.2")], records: [record("web", "10.0.0.1", 60)] });
    expect(nextWish(first, moved, now).former).toEqual({ targets: [], records: [] });
  });

  test("the same wish again keeps its time", () => {
    const first = nextWish(undefined, wantIn(), now);
    expect(nextWish(first, wantIn(), later)).toEqual(first);
  });
});

describe("the wish on disk", () => {
  test("is read back as it was written", async () => {
    const files = createFakeStateFiles();
    const wish = nextWish(nextWish(undefined, wantIn(), now), wantOut(), later);
    await writeWish(files, { wish, partedAt: now.toISOString() });
    expect(await readWish(files)).toEqual({ kind: "read", record: { wish, partedAt: now.toISOString() } });
  });

  test("any bytes are a wish, or are set aside with one clear reason", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (text) => {
        const files = createFakeStateFiles({ [wishFile]: text });
        const read = await readWish(files);
        expect(read.kind).toBe("set-aside");
        expect(files.texts.has(wishFile)).toBe(false);
      }),
    );
  });

  test.each([
    ["a later muster's", (wish: Wish) => ({ version: 2, wish })],
    ["records without an owner", (wish: Wish) => ({ version: 1, wish: { ...wish, owner: undefined } })],
    [
      "a port that is none",
      ({ places, ...wish }: Wish) => ({
        version: 1,
        wish: { ...wish, places: { ...places, targets: [{ ...target(), port: 0 }] } },
      }),
    ],
  ])("%s is set aside, and said", async (_what, damage) => {
    const world = createWorld();
    world.files.texts.set(wishFile, JSON.stringify(damage(nextWish(undefined, wantIn(), now))));
    expect(await world.membership.load(world.listen)).toBeUndefined();
    expect(world.events).toMatchObject([{ type: "notice", level: "warning", code: "state-set-aside" }]);
    expect(JSON.stringify(world.events)).not.toContain("undefined");
  });

  test("forgetting it leaves nothing of it", async () => {
    const world = createWorld();
    await world.membership.want(wantIn());
    await world.membership.forget();
    expect([world.files.texts.size, world.membership.status().wish]).toEqual([0, undefined]);
  });
});
