import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { updateOf } from "../../../../../src/adapters/local/dns-update.ts";
import { claimRdata, claimsOf, judge, type NameSeen } from "../../../../../src/adapters/host/dns/ownership.ts";
import { rdataOf } from "../../../../../src/adapters/host/dns/rdata.ts";
import type { DnsRecord, Owner } from "../../../../../src/domain/membership/membership.ts";

const zone = "example.internal";
const me: Owner = { account: "local", region: "local", instance: "i-1" };
const other: Owner = { account: "local", region: "local", instance: "i-2" };

function record(value = "10.0.0.1", type: DnsRecord["type"] = "A"): DnsRecord {
  return { zone, name: `web.${zone}`, type, ttl: 30, value };
}

/** What a name holds: records, and who claims them. */
function seen(...held: readonly { readonly record: DnsRecord; readonly by: readonly Owner[] }[]): NameSeen {
  const sets = new Map<string, { ttl: number; values: readonly string[] }>();
  for (const { record: one } of held) {
    sets.set(one.type, { ttl: one.ttl, values: [...(sets.get(one.type)?.values ?? []), rdataOf(one)] });
  }
  return { sets, ownership: held.flatMap(({ record: one, by }) => by.map((owner) => claimRdata(one, owner))) };
}

describe("a claim", () => {
  test("reads back whatever its fields hold", () => {
    const field = fc.string({ unit: "binary", minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(field, field, field, (account, region, instance) => {
        const [claim] = claimsOf({ sets: new Map(), ownership: [claimRdata(record(), { account, region, instance })] });
        expect(claim).toMatchObject({ account: plain(account), region: plain(region), instance: plain(instance) });
      }),
    );
  });

  test("what is none is none, whatever it holds", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(claimsOf({ sets: new Map(), ownership: [`"${text}"`, '"heritage=external-dns,owner=x"'] })).toEqual([]);
      }),
    );
  });
});

describe("judging", () => {
  const mine = record("10.0.0.1");
  const theirs = record("10.0.0.2");

  test.each([
    ["nothing there", seen(), "absent"],
    ["there and ours", seen({ record: mine, by: [me] }), "present"],
    ["there and ours, with another TTL", seen({ record: { ...mine, ttl: 5 }, by: [me] }), "differs"],
    ["another instance's value beside", seen({ record: theirs, by: [other] }), "absent"],
    ["the same value of another instance", seen({ record: mine, by: [other] }), "differs"],
    ["a claim whose record is gone", { ...seen(), ownership: [claimRdata(mine, me)] }, "differs"],
    ["the same value, claimed by nobody", seen({ record: mine, by: [] }), "foreign"],
    ["another value, claimed by nobody", seen({ record: theirs, by: [] }), "foreign"],
    ["ours beside one that nobody claims", seen({ record: mine, by: [me] }, { record: theirs, by: [] }), "present"],
    ["an alias of a person", seen({ record: record("x.net", "CNAME"), by: [] }), "foreign"],
    ["an alias of another instance", seen({ record: record("x.net", "CNAME"), by: [other] }), "foreign"],
    ["our own alias", seen({ record: record("x.net", "CNAME"), by: [me] }), "absent"],
    ["an alias that we share", seen({ record: record("x.net", "CNAME"), by: [me, other] }), "foreign"],
  ] as const)("%s is %s", (_what, name, kind) => {
    expect(judge(mine, me, name).kind).toBe(kind);
  });
});

test("no update touches a value that is not the instance's own, and each names all that it saw", () => {
  const values = ["10.0.0.1", "10.0.0.2", "10.0.0.3"];
  const held = fc.array(
    fc.record({
      value: fc.constantFrom(...values),
      by: fc.subarray([me, other]),
    }),
    { maxLength: 3 },
  );
  const wanted = fc.subarray(values.map((value) => record(value)));
  fc.assert(
    fc.property(held, wanted, wanted, (state, publish, withdraw) => {
      const byValue = new Map(state.map(({ value, by }) => [value, { record: record(value), by }]));
      const name = seen(...byValue.values());
      const kept = withdraw.filter((one) => !publish.includes(one));
      const { conditions, changes } = updateOf({ zone, publish, withdraw: kept }, me, () => name);
      for (const change of changes) {
        const deleted = /^update delete web\.\S+ A (\S+)$/.exec(change)?.[1];
        if (deleted !== undefined) expect(byValue.get(deleted)?.by).toEqual([me]);
        expect(change).not.toMatch(/^update delete _muster.*instance=i-2/);
      }
      if (changes.length === 0) return;
      const exact = [...byValue.keys()].map((value) => `prereq yxrrset web.${zone}. A ${value}`);
      expect(conditions).toEqual(
        expect.arrayContaining(exact.length === 0 ? [`prereq nxrrset web.${zone}. A`] : exact) as string[],
      );
    }),
  );
});

/** The text without what UTF-8 cannot say. */
function plain(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8");
}
