import { describe, expect, test } from "vitest";
import type { DnsRecord, Owner } from "../../src/domain/membership/membership.ts";
import type { Dns } from "../../src/ports/dns.ts";

/** A service that publishes names, and what a test may do to the world around it. */
export type DnsWorld = {
  readonly dns: Dns;
  readonly zone: string;
  /** Puts a record there as a person would, without saying whose it is. */
  readonly plant: (record: DnsRecord) => Promise<void>;
  /** The data that users are given for a name, sorted; texts without their quotes, names without the final dot. */
  readonly ask: (name: string, type: DnsRecord["type"]) => Promise<readonly string[]>;
};

const me: Owner = { account: "local", region: "local", instance: "i-1" };
const other: Owner = { account: "local", region: "local", instance: "i-2" };

/** The contract of src/ports/dns.ts. Each test has a name of its own in the zone. */
export function dnsSuite(name: string, world: () => DnsWorld): void {
  const signal = new AbortController().signal;

  function record(label: string, type: DnsRecord["type"], value: string, ttl = 30): DnsRecord {
    const { zone } = world();
    return { zone, name: `${label}.${zone}`, type, ttl, value };
  }

  async function publish(owner: Owner, ...records: readonly DnsRecord[]): Promise<void> {
    await world().dns.apply({ zone: world().zone, publish: records, withdraw: [] }, owner, signal);
  }

  async function withdraw(owner: Owner, ...records: readonly DnsRecord[]): Promise<void> {
    await world().dns.apply({ zone: world().zone, publish: [], withdraw: records }, owner, signal);
  }

  async function stateOf(one: DnsRecord, owner = me): Promise<string> {
    const [state] = await world().dns.observe([one], owner, signal);
    return state?.kind ?? "no answer";
  }

  describe(`dns: ${name}`, () => {
    test.each([
      ["A", "10.9.8.7"],
      ["AAAA", "2001:db8::17"],
      ["CNAME", "balancer.example.net"],
      ["TXT", `it's "quoted"; \\ and 100% ünlike a name`],
      ["TXT", "x".repeat(600)],
    ] as const)("publishes and withdraws %s %s, twice without harm", async (type, value) => {
      const one = record(`plain-${type.toLowerCase()}-${value.length}`, type, value);
      expect(await stateOf(one)).toBe("absent");
      await publish(me, one);
      expect(await stateOf(one)).toBe("present");
      expect(await world().ask(one.name, type)).toEqual([value]);
      await publish(me, one);
      expect(await world().ask(one.name, type)).toEqual([value]);
      await withdraw(me, one);
      expect(await stateOf(one)).toBe("absent");
      expect(await world().ask(one.name, type)).toEqual([]);
      await withdraw(me, one);
    });

    test("answers for every record, in the order asked", async () => {
      const there = record("order-a", "A", "10.0.0.1");
      const gone = record("order-b", "A", "10.0.0.2");
      await publish(me, there);
      const states = await world().dns.observe([gone, there, gone], me, signal);
      expect(states.map(({ kind }) => kind)).toEqual(["absent", "present", "absent"]);
    });

    test("another TTL differs, and publishing corrects it", async () => {
      const one = record("ttl", "A", "10.0.0.1", 30);
      await publish(me, one);
      const longer = { ...one, ttl: 60 };
      expect(await stateOf(longer)).toBe("differs");
      await publish(me, longer);
      expect(await stateOf(longer)).toBe("present");
      expect(await world().ask(one.name, "A")).toEqual(["10.0.0.1"]);
    });

    test("one batch publishes one record and withdraws another", async () => {
      const [old, young] = [record("moved", "A", "10.0.0.1"), record("moved", "A", "10.0.0.2")];
      await publish(me, old);
      await world().dns.apply({ zone: world().zone, publish: [young], withdraw: [old] }, me, signal);
      expect(await world().ask(old.name, "A")).toEqual(["10.0.0.2"]);
      expect(await stateOf(old)).toBe("absent");
    });

    test("a record that a person made is never touched, neither added to nor withdrawn", async () => {
      const theirs = record("theirs", "A", "10.1.1.1");
      await world().plant(theirs);
      const mine = record("theirs", "A", "10.2.2.2");
      expect(await stateOf(mine)).toBe("foreign");
      expect(await stateOf(theirs)).toBe("foreign");
      await expect(publish(me, mine)).rejects.toMatchObject({ code: "dns-name-owned" });
      await expect(publish(me, theirs)).rejects.toMatchObject({ code: "dns-name-owned" });
      await withdraw(me, theirs, mine);
      expect(await world().ask(theirs.name, "A")).toEqual(["10.1.1.1"]);
    });

    test("instances share a name: each adds and withdraws its own value", async () => {
      const [mine, theirs] = [record("shared", "A", "10.0.0.1"), record("shared", "A", "10.0.0.2")];
      await publish(me, mine);
      await publish(other, theirs);
      expect(await world().ask(mine.name, "A")).toEqual(["10.0.0.1", "10.0.0.2"]);
      expect(await stateOf(theirs, me)).toBe("differs");
      await withdraw(me, theirs);
      expect(await world().ask(mine.name, "A")).toEqual(["10.0.0.1", "10.0.0.2"]);
      await withdraw(me, mine);
      expect(await world().ask(mine.name, "A")).toEqual(["10.0.0.2"]);
      expect(await stateOf(theirs, other)).toBe("present");
    });

    test("a value of two instances stays until the second withdraws it", async () => {
      const one = record("twice", "CNAME", "balancer.example.net");
      await publish(other, one);
      await publish(me, one);
      expect(await stateOf(one)).toBe("present");
      await withdraw(other, one);
      expect(await world().ask(one.name, "CNAME")).toEqual(["balancer.example.net"]);
      expect(await stateOf(one)).toBe("present");
      await withdraw(me, one);
      expect(await world().ask(one.name, "CNAME")).toEqual([]);
    });

    test("a CNAME of another instance is foreign, whatever is to stand beside it", async () => {
      const theirs = record("alias", "CNAME", "one.example.net");
      await publish(other, theirs);
      for (const mine of [record("alias", "CNAME", "two.example.net"), record("alias", "A", "10.0.0.1")]) {
        expect(await stateOf(mine)).toBe("foreign");
        await expect(publish(me, mine)).rejects.toMatchObject({ code: "dns-name-owned" });
      }
      expect(await world().ask(theirs.name, "CNAME")).toEqual(["one.example.net"]);
    });

    test("the instance's own CNAME gives way to an address, and the other way round", async () => {
      const [alias, address] = [record("turned", "CNAME", "one.example.net"), record("turned", "A", "10.0.0.1")];
      await publish(me, alias);
      await publish(me, address);
      expect(await world().ask(alias.name, "A")).toEqual(["10.0.0.1"]);
      await publish(me, alias);
      expect(await world().ask(alias.name, "CNAME")).toEqual(["one.example.net"]);
      expect(await stateOf(alias)).toBe("present");
    });

    test("a CNAME is not put beside records that a person made", async () => {
      const theirs = record("taken", "A", "10.1.1.1");
      await world().plant(theirs);
      const mine = record("taken", "CNAME", "one.example.net");
      await expect(publish(me, mine)).rejects.toMatchObject({ code: "dns-name-owned" });
      expect(await world().ask(theirs.name, "A")).toEqual(["10.1.1.1"]);
    });

    test("many instances at once under one name all get in", async () => {
      const owners = Array.from({ length: 5 }, (_, at) => ({ ...me, instance: `i-many-${at}` }));
      const values = owners.map((_, at) => `10.0.1.${at}`);
      await Promise.all(owners.map((owner, at) => publish(owner, record("many", "A", values[at] ?? ""))));
      expect(await world().ask(record("many", "A", "").name, "A")).toEqual(values);
    });

    test("a zone that the server does not have is dns-zone-missing", async () => {
      const lost: DnsRecord = { zone: "example.org", name: "x.example.org", type: "A", ttl: 30, value: "10.0.0.1" };
      const change = { zone: lost.zone, publish: [lost], withdraw: [] };
      await expect(world().dns.apply(change, me, signal)).rejects.toMatchObject({ code: "dns-zone-missing" });
      await expect(world().dns.check(lost, signal)).rejects.toMatchObject({ code: "dns-zone-missing" });
      await world().dns.check({ zone: world().zone }, signal);
    });

    test("an abort ends every call with its reason", async () => {
      const aborted = AbortSignal.abort(new Error("enough"));
      const one = record("aborted", "A", "10.0.0.1");
      await expect(world().dns.observe([one], me, aborted)).rejects.toThrow("enough");
    });
  });
}
