import type { CheckTarget } from "../../src/domain/health/check.ts";
import { createFakeProber } from "../fakes/prober.ts";
import { proberSuite } from "./prober.suite.ts";

function unit(name: string): CheckTarget {
  return { kind: "unit", unit: name };
}

proberSuite("fake", () => ({
  prober: createFakeProber((target) => {
    if (target.kind !== "unit") throw new Error(`not stubbed: ${target.kind}`);
    if (target.unit === "hanging") return "hangs";
    return target.unit === "passing" ? { ok: true, seen: "active" } : { ok: false, expected: "active", seen: "dead" };
  }),
  passing: unit("passing"),
  failing: unit("failing"),
  hanging: unit("hanging"),
}));
