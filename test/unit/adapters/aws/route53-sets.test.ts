import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { orderOf, readSet, writeSet, type RecordSetSeen } from "../../../../src/adapters/aws/route53-sets.ts";
import { quoteText } from "../../../../src/adapters/host/dns/rdata.ts";

const simple: RecordSetSeen = { name: "web.example.com", type: "A", policy: "simple", ttl: 30, values: ["10.0.0.1"] };

describe("a record set of Route 53", () => {
  test.each<[string, RecordSetSeen]>([
    ["simple", simple],
    ["multivalue", { ...simple, identifier: "i-1", policy: "multivalue" }],
    ["weighted", { ...simple, identifier: "i-1", policy: "weighted", weight: 0 }],
  ])("%s: what is written is read back", (_policy, set) => {
    expect(readSet(writeSet(set)).set).toEqual({ identifier: undefined, weight: undefined, ...set });
  });

  test("any text is read back, and is sent in octal escapes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 600 }), (text) => {
        const set = { ...simple, type: "TXT", values: [quoteText(text)] };
        expect(readSet(writeSet(set)).set.values).toEqual(set.values);
      }),
    );
    const written = writeSet({ ...simple, type: "TXT", values: [quoteText('"é\\')] });
    expect(written.ResourceRecords).toEqual([{ Value: String.raw`"\042\303\251\134"` }]);
  });

  test.each([
    [String.raw`"say \"no\" \\ \344"`, String.raw`"say \034no\034 \092 \228"`],
    [String.raw`"\\101"`, String.raw`"\092101"`],
    [`"one" "two"`, `"one" "two"`],
  ])("text that a person wrote: %s", (Value, seen) => {
    const stored = { Name: "t.example.com.", Type: "TXT", TTL: 1, ResourceRecords: [{ Value }] } as const;
    const read = readSet({ ...stored, ResourceRecords: [{ Value }] });
    expect(read.set.values).toEqual([seen]);
    expect(read.stored.ResourceRecords).toEqual([{ Value }]);
  });

  test("an alias, and a policy that muster never makes, are seen as somebody else's", () => {
    const alias = { HostedZoneId: "Z", DNSName: "lb.example.", EvaluateTargetHealth: false };
    expect(readSet({ Name: "a.example.com.", Type: "A", AliasTarget: alias }).set).toMatchObject({
      policy: "simple",
      values: ["alias of lb.example"],
    });
    const failover = { Name: "a.example.com.", Type: "A", SetIdentifier: "x", Failover: "PRIMARY", TTL: 1 } as const;
    expect(readSet(failover).set).toMatchObject({ identifier: "x", policy: "other" });
  });

  test("names are lower case, without a trailing dot or escapes", () => {
    const stored = { Name: String.raw`\052.Web.Example.com.`, Type: "A", TTL: 1 } as const;
    expect(readSet(stored).set.name).toBe("*.web.example.com");
  });
});

test("a name and its ownership name stand together in the order of listings", () => {
  const sorted = ["a.web.e.com", "_muster.web.e.com", "web.e.com", "web-1.e.com", "1.web.e.com", "*.e.com", "e.com"];
  expect(sorted.toSorted((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1))).toEqual([
    "e.com",
    "*.e.com",
    "web-1.e.com",
    "web.e.com",
    "1.web.e.com",
    "_muster.web.e.com",
    "a.web.e.com",
  ]);
});
