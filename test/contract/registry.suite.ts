import { beforeEach, describe, expect, test } from "vitest";
import type { DnsRecord, Owner } from "../../src/domain/membership/membership.ts";
import type { Dns } from "../../src/ports/dns.ts";
import type { Registry } from "../../src/ports/registry.ts";

export const zone = "example.internal";
export const me: Owner = { account: "111122223333", region: "eu-west-1", instance: "i-0a1b2c3d4e5f60718" };
export const dead: Owner = { ...me, instance: "i-0ffffffffffffffff" };

/** A registry, and the DNS service that it is about. */
export type RegistryUnderTest = {
  readonly registry: Registry;
  readonly dns: Dns;
  /** Empties the zone. */
  reset(): void;
  /** Names and values of all records but ownership records, sorted. */
  records(): readonly string[];
};

const { signal } = new AbortController();

export function record(label: string, value = "10.0.0.1", rest: Partial<DnsRecord> = {}): DnsRecord {
  return { zone, name: `${label}.${zone}`, type: "A", ttl: 30, value, ...rest };
}

/** Every adapter of the port, and its fake, passes this. */
export function registrySuite(name: string, under: RegistryUnderTest): void {
  const { registry, dns } = under;
  const publish = (owner: Owner, ...records: readonly DnsRecord[]) =>
    dns.apply({ zone, publish: records, withdraw: [] }, owner, signal);
  const owned = async () =>
    (await registry.page({ zone }, undefined, signal)).owned.map((one) => `${one.name} ${one.owner.instance}`);

  describe(`registry: ${name}`, () => {
    beforeEach(() => under.reset());

    test("a page tells who claims something at which name", async () => {
      await publish(me, record("a"), record("b"));
      await publish(dead, record("a", "10.0.0.2"));
      const page = await registry.page({ zone }, undefined, signal);
      expect(page.owned.filter((one) => one.owner.instance === dead.instance)).toEqual([
        { name: `a.${zone}`, owner: dead },
      ]);
      expect((await owned()).toSorted()).toEqual(
        [`a.${zone} ${me.instance}`, `a.${zone} ${dead.instance}`, `b.${zone} ${me.instance}`].toSorted(),
      );
      expect(page.next).toBeUndefined();
    });

    test("what one owner claims goes, what others claim under the same name stays", async () => {
      await publish(me, record("a"), record("b"));
      await publish(dead, record("a", "10.0.0.2"), record("c", "10.0.0.2"));
      await registry.disown({ zone }, dead, [`a.${zone}`, `c.${zone}`], signal);
      expect(under.records()).toEqual([`a.${zone} 10.0.0.1`, `b.${zone} 10.0.0.1`]);
      expect((await owned()).filter((line) => line.includes(dead.instance))).toEqual([]);
    });

    test("an address that a living one has now stays, with its claim", async () => {
      await publish(dead, record("a", "10.0.0.1"));
      await publish(me, record("a", "10.0.0.1"));
      await registry.disown({ zone }, dead, [`a.${zone}`], signal);
      expect(under.records()).toEqual([`a.${zone} 10.0.0.1`]);
      expect(await owned()).toEqual([`a.${zone} ${me.instance}`]);
    });

    test("an owner of the same id in another account or region is another owner", async () => {
      const [account, region] = [
        { ...dead, account: "999988887777" },
        { ...dead, region: "us-east-1" },
      ];
      await publish(account, record("a", "10.0.0.2"));
      await publish(region, record("b", "10.0.0.3"));
      await registry.disown({ zone }, dead, [`a.${zone}`, `b.${zone}`], signal);
      expect(under.records()).toEqual([`a.${zone} 10.0.0.2`, `b.${zone} 10.0.0.3`]);
    });

    test("two at once do no harm, and what is gone already is no error", async () => {
      await publish(me, record("a"));
      await publish(dead, record("a", "10.0.0.2"));
      const names = [`a.${zone}`];
      await Promise.all([
        registry.disown({ zone }, dead, names, signal),
        registry.disown({ zone }, dead, names, signal),
      ]);
      await registry.disown({ zone }, dead, names, signal);
      expect(under.records()).toEqual([`a.${zone} 10.0.0.1`]);
    });

    test("texts and aliases go too, by claims that do not hold their value", async () => {
      const text = record("t", 'v=1; "quoted" text', { type: "TXT" });
      const alias = record("c", "target.example.com", { type: "CNAME" });
      await publish(dead, text, alias);
      await registry.disown({ zone }, dead, [text.name, alias.name], signal);
      expect(under.records()).toEqual([]);
    });
  });
}
