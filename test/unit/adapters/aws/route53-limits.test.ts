import { describe, expect, test } from "vitest";
import { crowdAt, fits, mostValuesOf, requestsOf } from "../../../../src/adapters/aws/route53-limits.ts";
import { writeSet, type RecordSetSeen } from "../../../../src/adapters/aws/route53-sets.ts";
import type { Change } from "../../../../src/adapters/aws/sdk/route53.ts";

const name = "web.example.internal";

function set(values: readonly string[], rest: Partial<RecordSetSeen> = {}): RecordSetSeen {
  return { name, type: "A", policy: "simple", ttl: 30, values, ...rest };
}

const times = (count: number, value: string) => Array.from({ length: count }, () => value);
const rewriting = (of: RecordSetSeen): readonly Change[] =>
  (["DELETE", "CREATE"] as const).map((Action) => ({ Action, ResourceRecordSet: writeSet(of) }));

describe("the limits of Route 53", () => {
  test("a request takes 1,000 values and 32,000 characters, deletions included", () => {
    expect(fits(rewriting(set(times(500, "10.0.0.1"))))).toBe(true);
    expect(fits(rewriting(set(times(501, "10.0.0.1"))))).toBe(false);
    expect(fits(rewriting(set(times(160, "x".repeat(100)), { type: "A" })))).toBe(true);
    expect(fits(rewriting(set([...times(160, "x".repeat(100)), "x"], { type: "A" })))).toBe(false);
  });

  test.each([
    ["A", "100.100.100.100", 400],
    ["AAAA", "2a05:d018:1234:5678:9abc:def1:2345:1000", 400],
    ["CNAME", "target.example.com.", 400],
    ["TXT", `"${"x".repeat(198)}"`, 80],
    ["TXT", `"${"x".repeat(3_998)}"`, 4],
  ])("%s: a set of such values is changed with one request", (type, value, most) => {
    expect(mostValuesOf(set([value], { type }))).toBe(most);
    expect(fits(rewriting(set(times(most, value), { type })))).toBe(true);
  });

  test.each<[string, RecordSetSeen[], string | undefined]>([
    ["few", [set(times(319, "10.0.0.1"))], undefined],
    ["four fifths of 400", [set(times(320, "10.0.0.1"))], "320 values in one record set, and Route 53 takes 400"],
    [
      "long texts",
      [set(times(64, `"${"x".repeat(198)}"`), { type: "TXT" })],
      "64 values in one record set, and Route 53 takes 80",
    ],
    [
      "claims, which are spread",
      [set(times(150, `"${"x".repeat(98)}"`), { type: "TXT", name: `_muster.${name}` })],
      undefined,
    ],
    [
      "sets with routing",
      times(80, "").map((_, at) => set(["10.0.0.1"], { policy: "multivalue", identifier: `i-${at}` })),
      "80 record sets, and Route 53 takes 100",
    ],
    [
      "sets of two types",
      times(100, "").map((_, at) =>
        set(["10.0.0.1"], { policy: "weighted", identifier: `i-${at}`, type: at % 2 === 0 ? "A" : "AAAA" }),
      ),
      undefined,
    ],
    ["nothing", [], undefined],
  ])("what is near a limit: %s", (_what, sets, crowd) => {
    expect(crowdAt(sets)).toBe(crowd);
  });

  test("a list is cut where a request is full; a part is never empty", () => {
    const large = { changes: rewriting(set(times(400, "10.0.0.1"))) };
    const small = { changes: rewriting(set(["10.0.0.1"])) };
    const beyond = { changes: rewriting(set(times(600, "10.0.0.1"))) };
    expect(requestsOf([]).map((part) => part.length)).toEqual([]);
    expect(requestsOf([small, large, small, large, beyond, small]).map((part) => part.length)).toEqual([3, 1, 1, 1]);
  });
});
