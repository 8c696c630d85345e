import { describe, expect, test } from "vitest";
import type { DnsRule, RegisterRule, Role } from "../../../src/domain/role/role.ts";
import { endpointsOf } from "../../../src/membership/endpoints.ts";
import { facts } from "./facts.ts";

function role(register: readonly RegisterRule[], dns: readonly DnsRule[]): Role {
  return {
    name: "web",
    patch: { scope: "none", exclude: [], reboot: "never", timeoutMs: 1 },
    converge: [],
    health: { system: [], service: [], smoke: [], deadlineMs: 1, everyMs: 1, fall: 1, rise: 1 },
    register,
    dns,
    leave: { limitMs: 300_000, beforeStop: [], rebalance: "cordon", cordonMs: 21_600_000, maintenance: "drain" },
    schedule: {},
  };
}

const pacing = { deadlineMs: 1_000, drainMs: 2_000, minimumHealthy: { percent: 50 } };
const rule: RegisterRule = { targetGroup: "{role}-{environment}", port: 80, ...pacing };
const dnsRule: DnsRule = { zone: "Example.internal.", name: "{role}-{instance.id}", type: "A", ttl: 30 };

function recordOf(change: Partial<DnsRule>, given = facts) {
  return endpointsOf(role([], [{ ...dnsRule, ...change }]), given).records[0];
}

describe("places", () => {
  test("are the role's rules with the instance's values put in", () => {
    expect(endpointsOf(role([rule], [dnsRule]), facts)).toEqual({
      targets: [
        {
          group: "web-dev",
          instance: "i-0a1b",
          member: "i-0a1b-80",
          address: "10.0.0.1",
          ipv6: "2001:db8::1",
          port: 80,
          ...pacing,
        },
      ],
      records: [
        { zone: "example.internal", name: "web-i-0a1b.example.internal", type: "A", ttl: 30, value: "10.0.0.1" },
      ],
    });
  });

  test("a Classic Load Balancer has an instance once, whatever the ports, and is no target group of that name", () => {
    const classic = { classicLoadBalancer: "{role}-{environment}", port: 80, ...pacing };
    const { targets } = endpointsOf(role([rule, classic, { ...classic, port: 81 }], []), facts);
    expect(targets).toMatchObject([
      { group: "web-dev", member: "i-0a1b-80" },
      { group: "web-dev", member: "i-0a1b", balancer: "classic", port: 80 },
    ]);
  });

  test("are also where the tags name the instance, unless the catalogue has that name", () => {
    const zone = { zone: "example.internal", ttl: 20, routing: "multivalue", tag: "muster:dns" } as const;
    const names = [
      { ...zone, name: "www.example.internal" },
      { ...zone, name: "web-i-0a1b.example.internal" },
      { ...zone, name: "www.example.internal", visibility: "public", routing: "weighted" } as const,
    ];
    const { identity } = facts;
    const addresses = { ...identity.instance.addresses, publicIpv4: "203.0.113.7" };
    const known = { ...facts, identity: { ...identity, instance: { ...identity.instance, addresses } } };
    const { records } = endpointsOf(role([], [dnsRule]), known, { names });
    const named = { zone: "example.internal", name: "www.example.internal", type: "A", ttl: 20, tag: "muster:dns" };
    expect(records.slice(1)).toEqual([
      { ...named, value: "10.0.0.1", routing: { policy: "multivalue" } },
      { ...named, value: "203.0.113.7", visibility: "public", routing: { policy: "weighted", weight: 100 } },
    ]);
  });

  test("are in the zone of that id; a tag's name in another zone of the name stays beside it", () => {
    const zone = { zone: "example.internal", ttl: 20, routing: "multivalue", tag: "muster:dns" } as const;
    const name = "web-i-0a1b.example.internal";
    const names = ["Z1", "Z2"].map((zoneId) => ({ ...zone, zoneId, name }));
    const { records } = endpointsOf(role([], [{ ...dnsRule, zoneId: "Z1" }]), facts, { names });
    expect(records.map((each) => [each.zone, each.zoneId, each.tag])).toEqual([
      ["example.internal", "Z1", undefined],
      ["example.internal", "Z2", "muster:dns"],
    ]);
    const theirs = { assumeRole: "arn:aws:iam::444455556666:role/{role}", externalId: "of-{environment}" };
    expect(endpointsOf(role([], [{ ...dnsRule, ...theirs }]), facts).records).toMatchObject([
      { assumeRole: "arn:aws:iam::444455556666:role/web", externalId: "of-dev" },
    ]);
    expect(() => endpointsOf(role([], [{ ...dnsRule, assumeRole: "arn:{role}" }]), facts)).toThrow(
      expect.objectContaining({ code: "dns-name-invalid" }),
    );
    expect(() => endpointsOf(role([], [{ ...dnsRule, zoneId: "{instance.id}" }]), facts)).toThrow(
      expect.objectContaining({ code: "dns-name-invalid" }),
    );
  });

  test("register an IPv6-only instance in the one spelling of its address", () => {
    const only = having({ ipv4: [], ipv6: ["2001:DB8:0::1"] });
    const [target] = endpointsOf(role([rule], []), only).targets;
    expect([target?.address, target?.ipv6]).toEqual(["2001:db8::1", undefined]);
  });

  test("take a tag's name by IPv6 where there is nothing else, and leave it out where there is no address", () => {
    const names = [{ zone: "z", name: "a.z", ttl: 1, routing: "multivalue", tag: "t" } as const];
    function recordsWith(ipv6: readonly string[]) {
      const { identity } = facts;
      const instance = { ...identity.instance, addresses: { ipv4: [], ipv6 } };
      return endpointsOf(role([], []), { ...facts, identity: { ...identity, instance } }, { names }).records;
    }
    expect(recordsWith(["2001:db8::1"])).toMatchObject([{ type: "AAAA", value: "2001:db8::1" }]);
    expect(recordsWith([])).toEqual([]);
  });

  test("take the weight of every weighted record from the tag, and of no other", () => {
    const rules: DnsRule[] = [
      { ...dnsRule, name: "a", routing: "weighted", weight: 7 },
      { ...dnsRule, name: "b", routing: "multivalue" },
      { ...dnsRule, name: "c" },
    ];
    const naming = { weight: { value: 0, from: "tag muster:weight" } };
    const { records } = endpointsOf(role([], rules), facts, naming);
    expect(records.map(({ routing }) => routing)).toEqual([
      { policy: "weighted", weight: 0 },
      { policy: "multivalue" },
      undefined,
    ]);
  });

  test("that two rules name are there once", () => {
    const places = endpointsOf(role([rule, rule], [dnsRule, dnsRule]), facts);
    expect([places.targets.length, places.records.length]).toEqual([1, 1]);
  });

  test.each([
    [{ type: "AAAA" } as const, { value: "2001:db8::1" }],
    [{ type: "AAAA", value: "2001:0DB8:0:0::0002" } as const, { value: "2001:db8::2" }],
    [{ type: "CNAME", value: "LB.Example.net." } as const, { value: "lb.example.net" }],
    [{ type: "TXT", value: "team={tag.muster:team}; any text" } as const, { value: "team=ops; any text" }],
    [{ name: "@" } as const, { name: "example.internal" }],
    [{ routing: "multivalue", healthCheck: "{tag.muster:team}-1" } as const, { healthCheck: "ops-1" }],
    [{ name: "*.apps" } as const, { name: "*.apps.example.internal" }],
  ])("%j becomes %j", (change, expected) => {
    expect(recordOf(change)).toMatchObject(expected);
  });

  test.each([
    [{ name: "-web" }, "dns-name-invalid"],
    [{ name: "{tag.owner}" }, "dns-name-reserved"],
    [{ name: "*._muster-slot-1.web" }, "dns-name-reserved"],
    [{ name: "web..x" }, "dns-name-invalid"],
    [{ name: "a.*.b" }, "dns-name-invalid"],
    [{ name: "x".repeat(64) }, "dns-name-invalid"],
    [{ name: Array.from({ length: 60 }, () => "long").join(".") }, "dns-name-invalid"],
    [{ zone: "example internal" }, "dns-name-invalid"],
    [{ value: "10.0.0.256" }, "dns-value-invalid"],
    [{ value: "10.0.0.01" }, "dns-value-invalid"],
    [{ type: "AAAA", value: "fe80::1%eth0" }, "dns-value-invalid"],
    [{ type: "CNAME" }, "dns-value-invalid"],
    [{ type: "CNAME", value: "a b" }, "dns-name-invalid"],
    [{ name: "{tag.nothing}" }, "template-no-value"],
    [{ routing: "multivalue", healthCheck: "{tag.muster:team}_" }, "dns-value-invalid"],
  ] as const)("%j is %s", (change, code) => {
    expect(() => recordOf(change)).toThrow(expect.objectContaining({ code }) as Error);
  });

  test("an instance without an address of the family cannot be put there", () => {
    const { instance } = facts.identity;
    const bare = {
      ...facts,
      identity: { ...facts.identity, instance: { ...instance, addresses: { ipv4: [], ipv6: [] } } },
    };
    const missing = expect.objectContaining({ code: "instance-no-address" }) as Error;
    expect(() => recordOf({}, bare)).toThrow(missing);
    expect(() => endpointsOf(role([rule], []), bare)).toThrow(missing);
  });

  test("a group name that a balancer's command could trip over is refused", () => {
    const hostile = { ...rule, targetGroup: "web;shutdown" };
    expect(() => endpointsOf(role([hostile], []), facts)).toThrow(
      expect.objectContaining({ code: "register-group-invalid" }) as Error,
    );
  });
});

function having(addresses: Partial<typeof facts.identity.instance.addresses>) {
  const { identity } = facts;
  const instance = { ...identity.instance, addresses: { ipv4: ["10.0.0.1"], ipv6: [], ...addresses } };
  return { ...facts, identity: { ...identity, instance } };
}

describe("an address that is malformed", () => {
  test("is refused with its value where a rule needs it", () => {
    const refused = {
      code: "instance-no-address",
      message: expect.stringContaining('has "10.0.0" for an address') as string,
    };
    expect(() => endpointsOf(role([rule], []), having({ ipv4: ["10.0.0"] }))).toThrow(expect.objectContaining(refused));
    expect(() => recordOf({}, having({ ipv4: ["10.0.0"] }))).toThrow(expect.objectContaining(refused));
    expect(() => recordOf({ value: "{instance.publicIpv4}" }, having({ publicIpv4: "198.51.100" }))).toThrow(
      expect.objectContaining({
        code: "template-unsafe-value",
        message: expect.stringContaining('"198.51.100"') as string,
      }),
    );
  });

  test("is published under no name of a tag, and no private one is in its place", () => {
    const named = {
      zone: "example.org",
      ttl: 20,
      routing: "multivalue",
      tag: "muster:dns",
      visibility: "public",
    } as const;
    const naming = { names: [{ ...named, name: "www.example.org" }] };
    expect(endpointsOf(role([], []), having({ publicIpv4: "198.51.100" }), naming).records).toEqual([]);
    expect(endpointsOf(role([], []), having({ publicIpv4: "198.51.100.7" }), naming).records).toHaveLength(1);
  });
});
