import { expect, it } from "vitest";
import type { Target } from "../../../../src/domain/membership/membership.ts";
import { createWorld, never, story, trouble } from "../world.ts";

it("which target group is meant is found out beside the engine, and not when joining waits for it", async () => {
  const world = await createWorld();
  const told: string[] = [];
  const muster = await world.start();
  world.engine.during = async (signal) => world.clock.sleep(5_000, signal);
  muster.bus.listen((event) => void told.push(...story([event])));
  const identify = world.balancer.identify?.bind(world.balancer);
  world.balancer.identify = async (target: Target) => {
    told.push(`identify ${target.group}`);
    return (await identify?.(target, never)) ?? "";
  };
  expect(await muster.run()).toMatchObject({ kind: "in-service" });
  expect(told.indexOf("identify web-dev")).toBeLessThan(told.indexOf("converge changed"));
  expect(told).toContain("identify web-dev");
});

it("what cannot be found out early fails nothing, and the engine is not waited for by it", async () => {
  const world = await createWorld();
  const muster = await world.start();
  world.engine.during = async (signal) => world.clock.sleep(5_000, signal);
  const aborted: boolean[] = [];
  world.balancer.identify = async () => {
    throw trouble("balancer-group-missing", true);
  };
  world.dns.prepare = async (_records, signal) => {
    const { promise, reject } = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => {
      aborted.push(true);
      reject(signal.reason);
    });
    await promise;
  };
  expect(await muster.run()).toMatchObject({ kind: "in-service" });
  expect(aborted).toEqual([true]);
});
