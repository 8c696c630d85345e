import { expect, test } from "vitest";
import { createMembership } from "../../../../src/membership/membership.ts";
import { awsPace } from "../../../../src/adapters/aws/pace.ts";
import { createWorld, never, wantIn } from "../world.ts";

test("on AWS looks grow rare while nothing changes, and frequent again when something does", async () => {
  const world = createWorld();
  const { clock, files, balancer, dns, tags } = world;
  const looks: number[] = [];
  const observe = balancer.observe.bind(balancer);
  let reason = "first checks";
  let healthy = false;
  balancer.observe = async (target, signal) => {
    const state = await observe(target, signal);
    if (state.kind !== "healthy" || healthy) return state;
    looks.push(clock.monotonicMs());
    return { kind: "starting", reason };
  };
  clock.at(30_000, () => void (reason = "second thoughts"));
  clock.at(50_000, () => void (healthy = true));
  const membership = createMembership({ files, clock, balancer, dns, tags, tagPrefix: "muster:", pace: awsPace });
  await membership.want(wantIn());
  await membership.reconcile({ signal: never, listen: () => undefined });
  const gaps = looks.slice(1).map((at, index) => at - (looks[index] ?? 0));
  expect(gaps.slice(0, 5)).toEqual([1_000, 1_500, 2_250, 3_375, 5_000]);
  expect(Math.max(...gaps)).toBe(5_000);
  expect(gaps.filter((gap) => gap === 1_000)).toHaveLength(2);
  expect(looks.length).toBeLessThan(20);
});
