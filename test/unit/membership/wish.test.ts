import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Wish } from "../../../src/domain/membership/membership.ts";
import { nextWish } from "../../../src/membership/wish.ts";
import { readWish, wishFile, writeWish } from "../../../src/membership/wish-file.ts";
import { createFakeStateFiles } from "../../fakes/state-files.ts";
import { createWorld, home, record, target, wantIn, wantOut } from "./world.ts";

const now = new Date("2026-01-01T00:00:00Z");
const later = new Date("2026-01-01T01:00:00Z");

/** Places of one target at this address. */
function at(address: string) {
  return { targets: [target("web", 80, address)], records: [] };
}

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

  test("the same record with another TTL is not former", () => {
    const first = nextWish(undefined, wantIn(), now);
    const longer = wantIn({ targets: [target()], records: [record("web", "10.0.0.1", 60)] });
    expect(nextWish(first, longer, now).former).toEqual({ targets: [], records: [] });
  });

  test("a target that moves leaves its old address, until the instance is back there", () => {
    const first = nextWish(undefined, wantIn(at("10.0.0.1")), now);
    const left = { ...target("web", 80, "10.0.0.1"), balancer: "former-address", member: "i-1-80@10.0.0.1" };
    const kept = nextWish(first, { ...wantIn(at("10.0.0.2")), held: ["10.0.0.2", "10.0.0.1"] }, now);
    expect(kept.former.targets).toEqual([left]);
    const lost = nextWish(first, { ...wantIn(at("10.0.0.2")), held: ["10.0.0.2"] }, now);
    expect(lost.former.targets).toEqual([{ ...left, gone: true, drainMs: 0 }]);
    // Said once more, as after a kill: the same.
    expect(nextWish(lost, { ...wantIn(at("10.0.0.2")), held: ["10.0.0.2"] }, now)).toEqual(lost);
    const back = nextWish(lost, { ...wantIn(at("10.0.0.1")), held: ["10.0.0.1"] }, now);
    expect(back.former.targets.map(({ address }) => address)).toEqual(["10.0.0.2"]);
  });

  test("an address of the other family that stays is left by no target", () => {
    const [one] = [target("web", 80, "2001:db8::1")];
    const first = nextWish(undefined, wantIn({ targets: [one], records: [] }), now);
    const both = { ...one, address: "10.0.0.1", ipv6: "2001:db8::1" };
    expect(nextWish(first, wantIn({ targets: [both], records: [] }), now).former.targets).toEqual([]);
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
