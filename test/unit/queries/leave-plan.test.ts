import { expect, test } from "vitest";
import { awsPace } from "../../../src/adapters/aws/pace.ts";
import { longestSpreadMs, usualLeave } from "../../../src/domain/membership/leaving.ts";
import type { StatusReport } from "../../../src/domain/instance/status.ts";
import { leavePlan, type LeavePlanPorts } from "../../../src/queries/leave-plan.ts";
import { createWorld, never } from "../run/world.ts";

async function machine(given: Partial<LeavePlanPorts> = {}) {
  const world = await createWorld();
  const muster = await world.start();
  await muster.executor.start(never);
  await muster.status.flush();
  const { cloud } = muster;
  const host = { bootId: async () => world.bootId };
  return { world, ports: { files: world.files, clock: world.clock, host, cloud, ...given } };
}

test("the places of the desired membership, under the role's own limits, and nothing is changed", async () => {
  const { world, ports } = await machine();
  const before = [world.balancer.members(), world.dns.records(), new Map(world.files.texts)];
  const plan = await leavePlan(ports, "drain", never);
  expect(plan.steps.map(({ text }) => text).join("\n")).toMatch(/drain web-dev/);
  expect([world.balancer.members(), world.dns.records(), new Map(world.files.texts)]).toEqual(before);
});

test("a shutdown may take as long as the daemon told systemd, else as long as the role allows", async () => {
  const { world, ports } = await machine();
  const known = JSON.parse(world.files.texts.get("status.json") ?? "") as StatusReport;
  await world.files.write("status.json", JSON.stringify({ ...known, watch: { ...known.watch, leaveMs: 77_000 } }));
  expect((await leavePlan(ports, "shutdown", never)).withinMs).toBe(77_000);
  await world.files.write("status.json", "damaged");
  expect((await leavePlan(ports, "shutdown", never)).withinMs).toBe(usualLeave.limitMs);
});

test("names are given more time where a cloud spreads them over its servers", async () => {
  const { ports } = await machine();
  const near = await leavePlan(ports, "drain", never);
  const far = await leavePlan({ ...ports, cloud: { ...ports.cloud, pace: awsPace } }, "drain", never);
  expect(far.outMs - near.outMs).toBe(longestSpreadMs);
});

test("a machine that never joined has nothing to leave", async () => {
  const world = await createWorld();
  const { cloud } = await world.start();
  const host = { bootId: async () => world.bootId };
  const { steps } = await leavePlan({ files: world.files, clock: world.clock, host, cloud }, "drain", never);
  expect(steps[0]?.text).toBe("it is in no balancer and no zone");
});
