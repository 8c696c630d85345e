// Many instances under one name of Route 53, in any order, several at a time, some of them killed on the way.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Edit } from "../../../../src/adapters/aws/route53-draft.ts";
import { editOf } from "../../../../src/adapters/aws/route53-edits.ts";
import { disowning } from "../../../../src/adapters/aws/route53-registry.ts";
import { readSet, viewOf, type StoredSet } from "../../../../src/adapters/aws/route53-sets.ts";
import type { Change } from "../../../../src/adapters/aws/sdk/route53.ts";
import { claimRdata, unclaimed } from "../../../../src/adapters/host/dns/ownership.ts";
import { textOf } from "../../../../src/adapters/host/dns/rdata.ts";
import type { DnsRecord, Owner } from "../../../../src/domain/membership/membership.ts";
import { applyBatch, type RecordSet } from "../../../lab/aws-front/route53-batch.ts";

const zone = "example.internal";
const name = `web.${zone}`;

/** A zone that takes what Route 53 takes. */
function zoneOf(sets: readonly RecordSet[] = []) {
  let now = sets;
  return {
    /** @returns whether it took the batch */
    send(changes: readonly Change[]): boolean {
      const batch = changes.map(({ Action, ResourceRecordSet: set }) => ({
        action: Action as "CREATE" | "DELETE",
        set: {
          name: set?.Name ?? "",
          type: set?.Type ?? "",
          ttl: set?.TTL ?? 0,
          values: (set?.ResourceRecords ?? []).map(({ Value = "" }) => Value),
        },
      }));
      const { sets: after, messages } = applyBatch(`${zone}.`, now, batch);
      now = after;
      return messages.length === 0;
    },
    list: (): readonly StoredSet[] =>
      now.map((set) =>
        readSet({
          Name: set.name,
          Type: set.type as "A",
          TTL: set.ttl,
          ResourceRecords: set.values.map((Value) => ({ Value })),
        }),
      ),
    valuesOf: (type: string, at = name) => now.find((set) => set.name === `${at}.` && set.type === type)?.values ?? [],
    names: () => now.map((set) => `${set.type} ${set.name}`),
    /** A person adds a value to a set. */
    add(type: string, value: string, at = name) {
      const others = now.filter((set) => set.name !== `${at}.` || set.type !== type);
      now = [...others, { name: `${at}.`, type, ttl: 30, values: [...this.valuesOf(type, at), value] }];
    },
  };
}

type World = ReturnType<typeof zoneOf>;

/** Its claims are so long that five fill a set. */
function instance(at: number): Owner {
  return { account: "111122223333", region: "r".repeat(1_200), instance: `i-${at}` };
}

function ipv4(of: number): DnsRecord {
  return { zone, name, type: "A", ttl: 30, value: `10.0.0.${of}` };
}

/** So long that a change of five of them and their claims needs more than one request. */
function text(of: number): DnsRecord {
  return { zone, name, type: "TXT", ttl: 30, value: `${of}:`.padEnd(3_000, "x") };
}

/** Works as the adapter does, and stops after each request. */
function* pursue(world: World, plan: (before: readonly StoredSet[]) => Edit | undefined) {
  let seen: readonly StoredSet[] | undefined;
  for (;;) {
    seen ??= world.list();
    yield "read";
    const edit = plan(seen);
    if (edit === undefined) return;
    const taken = world.send(edit.changes);
    if (taken && edit.more !== true) return;
    seen = taken ? edit.after : undefined;
    yield "wrote";
  }
}

function toEnd(work: Generator): void {
  for (let turns = 0; work.next().done !== true; turns += 1) if (turns > 60) throw new Error("no end of it");
}

const joining =
  (owner: Owner, publish: readonly DnsRecord[], withdraw: readonly DnsRecord[]) => (before: readonly StoredSet[]) =>
    editOf(name, { publish, withdraw }, owner, before).edit;

/** The claims in one set: the instance and the value of each. */
const claimsAt = (world: World, place: string) =>
  world
    .valuesOf("TXT", `${place}.${name}`)
    .map((claim) => /instance=(i-\d+).*value=(.*)/.exec(textOf(claim))?.slice(1).join(" "));

const pool = 5;
const turn = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("work" as const), who: fc.nat(13) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("want" as const), who: fc.nat(13), of: fc.nat(pool - 1) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("leave" as const), who: fc.nat(13) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("die" as const), who: fc.nat(13) }) },
);

describe("one name that many instances share", () => {
  test.each([
    ["addresses, which a next instance may have too", ipv4],
    ["long texts, which one request does not take", text],
  ])("%s: what is published is what the living claim, in any order", (_what, record) => {
    fc.assert(
      fc.property(fc.array(turn, { minLength: 30, maxLength: 90 }), (turns) => {
        const world = zoneOf();
        const type = record(0).type;
        const wanted = new Map<number, DnsRecord | undefined>();
        const dead = new Set<number>();
        const work = new Map<number, Generator>();
        const all = Array.from({ length: pool }, (_, of) => record(of));
        const start = (who: number) => {
          const wish = wanted.get(who);
          const others = all.filter((one) => one.value !== wish?.value);
          work.set(who, pursue(world, joining(instance(who), wish === undefined ? [] : [wish], others)));
        };
        for (const one of turns) {
          if (dead.has(one.who)) continue;
          if (one.do === "die") dead.add(one.who);
          if (one.do === "want") wanted.set(one.who, record(one.of));
          if (one.do === "leave") wanted.set(one.who, undefined);
          if (one.do === "want" || one.do === "leave") start(one.who);
          if (one.do === "work" && work.get(one.who)?.next().done === true) work.delete(one.who);
          if (one.do !== "work") continue;
          const view = viewOf(
            name,
            world.list().map(({ set }) => set),
            undefined,
          );
          expect(unclaimed(view, type)).toEqual([]);
        }
        for (const who of dead) toEnd(pursue(world, (before) => disowning(name, instance(who), before)));
        const living = [...wanted].filter(([who]) => !dead.has(who));
        for (const [who] of living) {
          start(who);
          toEnd(work.get(who) ?? pursue(world, () => undefined));
        }
        const values = living.flatMap(([, wish]) => (wish === undefined ? [] : [wish.value]));
        const published = world
          .list()
          .filter(({ set }) => set.name === name)
          .flatMap(({ set }) => set.values);
        const expected = [...new Set(values)].map((value) => (type === "TXT" ? value.slice(0, 2) : value));
        expect(published.map((value) => (type === "TXT" ? value.slice(1, 3) : value)).toSorted()).toEqual(
          expected.toSorted(),
        );
        const claims = living.flatMap(([who, wish]) => (wish === undefined ? [] : [claimRdata(wish, instance(who))]));
        const written = world
          .list()
          .filter(({ set }) => set.name !== name)
          .flatMap(({ set }) => set.values);
        expect(written.toSorted()).toEqual(claims.toSorted());
      }),
      { numRuns: 15 },
    );
  });

  /** A zone whose first set of claims is full: five instances, each with an address of its own. */
  function crowded(): World {
    const world = zoneOf();
    for (let at = 0; at < 5; at += 1) toEnd(pursue(world, joining(instance(at), [ipv4(at)], [])));
    expect(world.names()).toEqual([`A ${name}.`, `TXT _muster.${name}.`]);
    return world;
  }

  test("the claims of a name fill one set after the other, and a gap is filled first", () => {
    const world = crowded();
    toEnd(pursue(world, joining(instance(5), [ipv4(5)], [])));
    expect(claimsAt(world, "_muster-2")).toEqual(["i-5 10.0.0.5"]);
    toEnd(pursue(world, joining(instance(2), [], [ipv4(2)])));
    toEnd(pursue(world, joining(instance(6), [ipv4(6)], [])));
    expect(claimsAt(world, "_muster")).toContain("i-6 10.0.0.6");
    expect(claimsAt(world, "_muster-2")).toEqual(["i-5 10.0.0.5"]);
  });

  test("a claim on a value with one other claim joins that, even in a full set: its owner's removal then fails", () => {
    const world = crowded();
    const leaving = pursue(world, joining(instance(3), [], [ipv4(3)]));
    leaving.next();
    toEnd(pursue(world, joining(instance(9), [ipv4(3)], [])));
    expect(claimsAt(world, "_muster")).toContain("i-9 10.0.0.3");
    expect(leaving.next().value).toBe("wrote");
    toEnd(leaving);
    expect(world.valuesOf("A")).toContain("10.0.0.3");
  });

  test("two that leave one value to each other, with claims in two sets: the second looks again", () => {
    const world = crowded();
    world.add("TXT", claimRdata(ipv4(3), instance(9)), `_muster-2.${name}`);
    const both = [3, 9].map((who) => pursue(world, joining(instance(who), [], [ipv4(3)])));
    for (const one of both) one.next();
    for (const one of both) toEnd(one);
    expect(world.valuesOf("A")).toEqual(["10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.4"]);
  });

  test("what one request does not take goes in steps: claims that come, values, claims that go", () => {
    const world = zoneOf();
    const touched = (owner: Owner, publish: readonly DnsRecord[], withdraw: readonly DnsRecord[]) => {
      const steps: string[] = [];
      const plan = joining(owner, publish, withdraw);
      const noting = (before: readonly StoredSet[]) => {
        const edit = plan(before);
        const names = new Set(edit?.changes.map(({ ResourceRecordSet: set }) => set?.Name ?? ""));
        if (edit !== undefined) steps.push([...names].join(" "));
        return edit;
      };
      toEnd(pursue(world, noting));
      return steps;
    };
    for (let at = 0; at < 4; at += 1) toEnd(pursue(world, joining(instance(at), [text(at)], [])));
    expect(touched(instance(4), [text(4)], [])).toEqual([`_muster.${name}.`, `${name}.`]);
    expect(touched(instance(4), [], [text(4)])).toEqual([`${name}.`, `_muster.${name}.`]);
  });

  test("a large set of an earlier version is read, and left alone by those that come", () => {
    const world = zoneOf();
    for (let at = 0; at < 12; at += 1) {
      world.add("A", ipv4(at).value);
      world.add("TXT", claimRdata(ipv4(at), instance(at)), `_muster.${name}`);
    }
    toEnd(pursue(world, joining(instance(20), [ipv4(20)], [])));
    expect(claimsAt(world, "_muster")).toHaveLength(12);
    expect(claimsAt(world, "_muster-2")).toEqual(["i-20 10.0.0.20"]);
    toEnd(pursue(world, joining(instance(4), [], [ipv4(4)])));
    expect(world.valuesOf("A")).toHaveLength(12);
  });

  test.each(["A", "TXT"])("a value that nobody claims stays, and nothing is added beside it (%s)", (type) => {
    const record = type === "A" ? ipv4 : text;
    const foreign = type === "A" ? "10.9.9.9" : `"v=spf1 -all"`;
    const world = crowded();
    toEnd(pursue(world, joining(instance(5), [record(0)], [])));
    world.add(type, foreign);
    expect(editOf(name, { publish: [record(6)], withdraw: [] }, instance(6), world.list()).refusals).toMatchObject([
      { why: "foreign" },
    ]);
    for (let at = 0; at < 6; at += 1) toEnd(pursue(world, (before) => disowning(name, instance(at), before)));
    expect(world.valuesOf(type)).toEqual([foreign]);
    expect(world.list().filter(({ set }) => set.name !== name)).toEqual([]);
  });

  test("texts of somebody in the sets of claims stay", () => {
    const world = zoneOf();
    for (const place of ["_muster", "_muster-2"])
      world.add("TXT", `"of somebody ${"x".repeat(200)}"`, `${place}.${name}`);
    for (let at = 0; at < 7; at += 1) toEnd(pursue(world, joining(instance(at), [ipv4(at)], [])));
    for (let at = 0; at < 7; at += 1) toEnd(pursue(world, joining(instance(at), [], [ipv4(at)])));
    expect(world.names()).toEqual(
      [`TXT _muster.${name}.`, `TXT _muster-2.${name}.`].toSorted((a) => (a.includes("-2") ? 1 : -1)),
    );
  });
});
