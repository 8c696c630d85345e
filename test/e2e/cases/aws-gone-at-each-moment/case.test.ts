import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import type { EmulatedInstance } from "../../../lab/aws-front/fleet.ts";
import type { Instance } from "../../../lab/instance.ts";
import { ownership, publishedInRoute53, stateTags, targetHealth } from "../../harness/aws-outside.ts";
import { type AwsWorld, createAwsWorld } from "../../harness/aws-world.ts";
import { muster, status, waitForState } from "../../harness/muster.ts";

/** The calls of an instance that joins; AWS is gone for it from the moment that one of them was made. */
const joining = [
  "elasticloadbalancing:DescribeTargetGroups",
  "elasticloadbalancing:RegisterTargets",
  "elasticloadbalancing:DescribeTargetHealth",
  "route53:ListHostedZonesByName",
  "route53:ListResourceRecordSets",
  "route53:ChangeResourceRecordSets",
  "ec2:CreateTags",
];

const leaving = ["route53:ChangeResourceRecordSets", "elasticloadbalancing:DeregisterTargets", "ec2:CreateTags"];

/** Longer than one attempt may take, and than leaving puts up with. */
const outageMs = 30_000;

test("whenever AWS goes away, for joining and for leaving, the last wish comes true when it is back", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const launched = [];
  for (const moment of joining) launched.push({ moment, ec2: await world.launch() });
  const machines = await Promise.all(
    launched.map(async ({ moment, ec2 }) => {
      const outage = goneFrom(world, ec2, moment);
      return { ec2, outage, moment, machine: await world.boot(ec2) };
    }),
  );
  await Promise.all(machines.map(({ outage }) => outage.begun));
  await sleep(outageMs);
  for (const { machine, moment } of machines) {
    const { state } = await status(machine);
    expect(state, `${moment}: nothing is known to be wrong with it`).not.toBe("held");
    // The last call of all had its answer: nothing was missing any more.
    if (moment !== "ec2:CreateTags") expect(state, moment).toBe("starting");
  }
  for (const { outage } of machines) outage.end();
  await Promise.all(machines.map(({ machine }) => waitForState(machine, "in-service")));
  for (const { ec2, moment } of machines) {
    expect(await targetHealth(world, ec2), moment).toBe("healthy");
    expect((await stateTags(world, ec2))["muster:state"], moment).toBe("in-service");
  }
  expect(publishedInRoute53(world).toSorted()).toEqual(names(machines));
  expect(ownership(world)).toHaveLength(machines.length);

  // Out again, and AWS goes away on the way; one more changes its mind while nobody answers.
  const [fickle, ...rest] = machines;
  if (fickle === undefined) throw new Error("no machine");
  const leavers = leaving.map((moment, index) => {
    const one = rest[index];
    if (one === undefined) throw new Error("too few machines");
    return { ...one, moment, outage: goneFrom(world, one.ec2, moment) };
  });
  const drains = leavers.map(({ machine }) => muster(machine, "drain --reason 'to be replaced'"));
  const lift = world.aws.front.faults.add({ kind: "silence", sourceAddress: fickle.ec2.address });
  const before = writes(world, fickle.ec2);
  const mindChanged = changeMind(fickle.machine);
  await Promise.all(leavers.map(({ outage }) => outage.begun));
  await sleep(outageMs);
  for (const { outage } of leavers) outage.end();
  lift();
  const ends = await Promise.all(drains);
  for (const { code, stdout, stderr } of ends) expect([0, 1], stdout + stderr).toContain(code);
  await mindChanged;

  await Promise.all(leavers.map(({ machine }) => waitForState(machine, "out-of-service", { timeout: 150_000 })));
  for (const { ec2, moment } of leavers) {
    expect(await targetHealth(world, ec2), moment).toBe("unused Target.NotRegistered");
    expect((await stateTags(world, ec2))["muster:state"], moment).toBe("out-of-service");
  }
  const stayed = machines.filter((one) => !leavers.some(({ ec2 }) => ec2 === one.ec2));
  expect(publishedInRoute53(world).toSorted()).toEqual(names(stayed));
  expect(ownership(world)).toHaveLength(stayed.length);

  await waitForState(fickle.machine, "in-service");
  expect(await targetHealth(world, fickle.ec2)).toBe("healthy");
  expect(writes(world, fickle.ec2), "of two wishes that nobody heard, only the last one was written").toEqual(before);
});

/** Nobody answers the instance any more from the moment that it made this call once. */
function goneFrom({ aws }: AwsWorld, ec2: EmulatedInstance, operation: string) {
  const seen = aws.calls(ec2).length;
  let lift: (() => void) | undefined;
  let over = false;
  async function wait(): Promise<void> {
    const deadline = Date.now() + 120_000;
    while (
      !aws
        .calls(ec2)
        .slice(seen)
        .some((call) => call.operation === operation)
    ) {
      if (Date.now() > deadline) throw new Error(`${ec2.id} never called ${operation}`);
      if (over) return;
      await sleep(2);
    }
    lift = aws.front.faults.add({ kind: "silence", sourceAddress: ec2.address });
  }
  return {
    begun: wait(),
    end() {
      over = true;
      lift?.();
    },
  };
}

/** A drain that nobody hears, and a second thought while it still tries. */
async function changeMind(machine: Instance): Promise<void> {
  const mistake = muster(machine, "drain --reason 'a mistake'");
  await sleep(3_000);
  const { code, stdout, stderr } = await muster(machine, "join", 150_000);
  expect(code, stdout + stderr).toBe(0);
  await mistake;
}

/** What it wrote and was heard to write. */
function writes({ aws }: AwsWorld, ec2: EmulatedInstance): readonly string[] {
  return aws
    .calls(ec2)
    .filter(({ operation, status }) => status === 200 && /:(Register|Deregister|Change)/.test(operation))
    .map(({ operation }) => operation);
}

function names(machines: readonly { readonly ec2: EmulatedInstance }[]): readonly string[] {
  return machines.map(({ ec2: { id, address } }) => `A web-${id}.example.internal. ${address}`).toSorted();
}
