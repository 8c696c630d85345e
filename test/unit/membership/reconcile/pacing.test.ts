import { expect, test } from "vitest";
import { createMembership } from "../../../../src/membership/membership.ts";
import { awsPace } from "../../../../src/adapters/aws/pace.ts";
import { reportOf } from "../../../../src/domain/errors/errors.ts";
import type { CheckPace } from "../../../../src/domain/membership/membership.ts";
import { createWorld, home, never, story, target, wantIn } from "../world.ts";

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

/** Looks at a target that the balancer calls healthy so long after its registration, in milliseconds from then on. */
async function looksAt(healthyMs: number, pace: CheckPace | undefined, deadlineMs = 300_000) {
  const world = createWorld();
  const { clock, files, balancer, dns, tags, events, listen } = world;
  const looks: number[] = [];
  let registeredMs = Infinity;
  const register = balancer.register.bind(balancer);
  balancer.register = async (place, signal) => {
    await register(place, signal);
    registeredMs = clock.monotonicMs();
  };
  const observe = balancer.observe.bind(balancer);
  balancer.observe = async (place, signal) => {
    if (registeredMs === Infinity) return await observe(place, signal);
    looks.push(clock.monotonicMs() - registeredMs);
    return clock.monotonicMs() - registeredMs < healthyMs
      ? { kind: "starting", reason: "first checks" }
      : { kind: "healthy" };
  };
  balancer.pace = () => pace;
  const membership = createMembership({ files, clock, balancer, dns, tags, tagPrefix: "muster:", pace: awsPace });
  await membership.want(wantIn({ ...home, targets: [{ ...target(), deadlineMs }] }));
  const ends = await membership.reconcile({ signal: never, listen }).then(
    () => "agrees",
    (error: unknown) => reportOf(error).code,
  );
  return { looks, ends, told: story(events) };
}

/** Thirty seconds, five in a row. */
const network = { firstMs: 120_000, lastMs: 335_000, shortestMs: 1_000, longestMs: 10_000 };

test("a new target is looked at when it can be healthy, and closely then: three looks where there were thirty", async () => {
  const { looks } = await looksAt(122_000, network);
  expect(looks).toEqual([120_000, 121_000, 122_500]);
  const blind = await looksAt(122_000, undefined);
  expect(blind.looks[0]).toBe(0);
  expect(blind.looks.length).toBeGreaterThan(25);
  expect(looks.at(-1)).toBeLessThan(blind.looks.at(-1) ?? 0);
});

test("a target that takes longer is looked at more and more seldom, and not more often than the group's pace says", async () => {
  const { looks } = await looksAt(200_000, network);
  const gaps = looks.slice(1).map((at, index) => at - (looks[index] ?? 0));
  expect(Math.max(...gaps)).toBe(10_000);
  expect(gaps).toEqual(gaps.toSorted((one, two) => one - two));
  const throttled = await looksAt(200_000, { ...network, shortestMs: 15_000, longestMs: 15_000 });
  expect(throttled.looks.slice(0, 3)).toEqual([120_000, 135_000, 150_000]);
});

test("the deadline is never shorter than the checks of the group take", async () => {
  expect(await looksAt(330_000, network, 60_000)).toMatchObject({ ends: "agrees" });
  expect(await looksAt(400_000, network, 60_000)).toMatchObject({ ends: "balancer-not-healthy" });
  expect(await looksAt(400_000, network, 600_000)).toMatchObject({ ends: "agrees" });
});

test("what Auto Scaling registers is not looked at before the launch hook is completed", async () => {
  const { clock, files, balancer, dns, tags, listen } = createWorld();
  const attached = { ...target(), registeredBy: "auto-scaling" as const };
  const asked: string[] = [];
  const observe = balancer.observe.bind(balancer);
  balancer.observe = async (place, signal) => {
    asked.push(`look at ${clock.monotonicMs()}`);
    return await observe(place, signal);
  };
  balancer.pace = () => ({ ...network, firstMs: 2_000 });
  const launch = {
    what: "complete the launch hook",
    complete: async () => {
      asked.push(`launch at ${clock.monotonicMs()}`);
      balancer.plant(attached);
    },
  };
  const membership = createMembership({ files, clock, balancer, dns, tags, tagPrefix: "muster:", pace: awsPace });
  await membership.want(wantIn({ ...home, targets: [attached] }));
  await membership.reconcile({ signal: never, listen, launch });
  expect(asked).toEqual(["launch at 0", "look at 2000"]);
});
