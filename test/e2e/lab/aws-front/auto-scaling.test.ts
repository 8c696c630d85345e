import {
  AutoScalingClient,
  CompleteLifecycleActionCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeLifecycleHooksCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
  RecordLifecycleActionHeartbeatCommand,
  SetInstanceHealthCommand,
} from "@aws-sdk/client-auto-scaling";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import type { GroupOptions } from "../../../lab/aws-front/auto-scaling.ts";
import type { EmulatedInstance } from "../../../lab/aws-front/fleet.ts";
import { type Aws, startAws } from "../../../lab/aws-front/start-aws.ts";
import { createLab, type Lab } from "../../../lab/lab.ts";

let lab: Lab;
let aws: Aws;
let client: AutoScalingClient;
let attached: string;
let count = 0;

beforeAll(async () => {
  lab = await createLab();
  aws = await startAws(lab);
  attached = await aws.createTargetGroup();
  const credentials = aws.backstage.keys();
  client = new AutoScalingClient({ endpoint: aws.front.endpoint, region: "eu-west-1", credentials, maxAttempts: 1 });
});

afterAll(() => lab?.close());
afterEach(() => expect(aws.autoScaling.troubles).toEqual([]));

/** A group of its own, and the instance that it launches. */
async function launched(options: Partial<GroupOptions> = {}): Promise<{ name: string; instance: EmulatedInstance }> {
  count += 1;
  const name = `group-${count}`;
  aws.autoScaling.createGroup({ name, targetGroups: [attached], ...options });
  return { name, instance: await aws.launch({ group: name }) };
}

async function stateOf({ id }: EmulatedInstance): Promise<string | undefined> {
  const { AutoScalingInstances = [] } = await client.send(
    new DescribeAutoScalingInstancesCommand({ InstanceIds: [id] }),
  );
  return AutoScalingInstances[0]?.LifecycleState;
}

function until(instance: EmulatedInstance, state: string | undefined) {
  return expect.poll(() => stateOf(instance), { timeout: 5_000, interval: 50 }).toBe(state);
}

function complete(
  name: string,
  { id }: EmulatedInstance,
  LifecycleHookName: string,
  LifecycleActionResult = "CONTINUE",
) {
  const action = { AutoScalingGroupName: name, LifecycleHookName, InstanceId: id, LifecycleActionResult };
  return client.send(new CompleteLifecycleActionCommand(action));
}

function beat(name: string, { id }: EmulatedInstance, LifecycleHookName: string) {
  const action = { AutoScalingGroupName: name, LifecycleHookName, InstanceId: id };
  return client.send(new RecordLifecycleActionHeartbeatCommand(action));
}

test("without a hook the instance goes into service, and into the attached target group", async () => {
  const { name, instance } = await launched();
  await until(instance, "InService");
  expect(aws.autoScaling.history(instance)).toEqual(["Pending", "Pending:Proceed", "InService"]);
  expect(await aws.targets.health(attached, { id: instance.id })).not.toContain("NotRegistered");
  expect(instance.metadata.lifecycle).toBe("InService");
  expect(await aws.backstage.tagsOf(instance.id)).toEqual({ "aws:autoscaling:groupName": name });
});

test("a launch hook holds it, and the target group has to wait", async () => {
  const { name, instance } = await launched({ hooks: [{ name: "gates", heartbeatSeconds: 60 }] });
  await until(instance, "Pending:Wait");
  expect(await aws.targets.health(attached, { id: instance.id })).toBe("unused Target.NotRegistered");

  const { LifecycleHooks } = await client.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName: name }));
  expect(LifecycleHooks).toEqual([
    {
      LifecycleHookName: "gates",
      AutoScalingGroupName: name,
      LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
      HeartbeatTimeout: 60,
      GlobalTimeout: 6_000,
      DefaultResult: "ABANDON",
    },
  ]);
  const described = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] });
  const { AutoScalingGroups } = await client.send(described);
  expect(AutoScalingGroups).toMatchObject([
    {
      AutoScalingGroupName: name,
      TargetGroupARNs: [attached],
      TrafficSources: [{ Identifier: attached, Type: "elbv2" }],
      Instances: [{ InstanceId: instance.id, LifecycleState: "Pending:Wait", ProtectedFromScaleIn: false }],
    },
  ]);

  await complete(name, instance, "gates");
  await until(instance, "InService");
  expect(await aws.targets.health(attached, { id: instance.id })).not.toContain("NotRegistered");
});

test("what does not wait cannot be completed, in AWS's words", async () => {
  const { name, instance } = await launched({ hooks: [{ name: "gates" }] });
  const missing = {
    name: "ValidationError",
    message: `No active Lifecycle Action found with instance ID ${instance.id}`,
    $metadata: { httpStatusCode: 400 },
  };
  await expect(complete(name, instance, "another")).rejects.toMatchObject(missing);
  await until(instance, "Pending:Wait");
  await complete(name, instance, "gates");
  await expect(complete(name, instance, "gates")).rejects.toMatchObject(missing);
  await expect(beat(name, instance, "gates")).rejects.toMatchObject(missing);
  await expect(complete("no-group", instance, "gates")).rejects.toMatchObject({ name: "ValidationError" });
});

test("when nobody answers, the default result counts", async () => {
  const proceeds = await launched({ hooks: [{ name: "gates", heartbeatSeconds: 1, defaultResult: "CONTINUE" }] });
  const ends = await launched({ hooks: [{ name: "gates", heartbeatSeconds: 1 }] });
  await until(proceeds.instance, "InService");
  await until(ends.instance, undefined);
  const history = aws.autoScaling.history(ends.instance);
  expect(history.slice(0, 3)).toEqual(["Pending", "Pending:Wait", "Terminating"]);
  expect(await aws.backstage.stateOf(ends.instance.id)).toMatch(/terminated|shutting-down/);
  expect(ends.instance.metadata.lifecycle).toBe("Terminated");
});

test("a heartbeat extends the wait", async () => {
  const held = await launched({ hooks: [{ name: "gates", heartbeatSeconds: 1 }] });
  await until(held.instance, "Pending:Wait");
  for (let beats = 0; beats < 4; beats += 1) {
    await sleep(500);
    await beat(held.name, held.instance, "gates");
  }
  expect(await stateOf(held.instance), "after twice its heartbeat").toBe("Pending:Wait");
});

test("every hook has to be completed, and one ABANDON ends it for all", async () => {
  const hooks = [{ name: "gates" }, { name: "inventory" }];
  const both = await launched({ hooks });
  const one = await launched({ hooks });
  await until(both.instance, "Pending:Wait");
  await complete(both.name, both.instance, "gates");
  expect(await stateOf(both.instance)).toBe("Pending:Wait");
  await complete(both.name, both.instance, "inventory");
  await until(both.instance, "InService");

  await until(one.instance, "Pending:Wait");
  await complete(one.name, one.instance, "inventory", "ABANDON");
  await until(one.instance, undefined);
});

test("on its way out it leaves the attached target group first, then a termination hook waits", async () => {
  const { name, instance } = await launched({ hooks: [{ name: "leave", transition: "terminating" }] });
  await until(instance, "InService");
  aws.autoScaling.scaleIn(instance);
  await until(instance, "Terminating");
  expect(await aws.targets.health(attached, { id: instance.id })).toContain("draining");
  await until(instance, "Terminating:Wait");
  expect(await aws.targets.health(attached, { id: instance.id })).toBe("unused Target.NotRegistered");
  expect(instance.metadata.lifecycle).toBe("Terminated");
  await complete(name, instance, "leave");
  await until(instance, undefined);
});

function standAside(name: string, { id }: EmulatedInstance) {
  const where = { AutoScalingGroupName: name, InstanceIds: [id] };
  return client.send(new EnterStandbyCommand({ ...where, ShouldDecrementDesiredCapacity: true }));
}

function comeBack(name: string, { id }: EmulatedInstance) {
  return client.send(new ExitStandbyCommand({ AutoScalingGroupName: name, InstanceIds: [id] }));
}

test("in standby it is in no attached target group; on its way back no hook waits", async () => {
  const { name, instance } = await launched({ hooks: [{ name: "gates" }] });
  await until(instance, "Pending:Wait");
  await expect(standAside(name, instance)).rejects.toMatchObject({
    name: "ValidationError",
    message: `The instance ${instance.id} is not in InService.`,
  });
  await complete(name, instance, "gates");
  await until(instance, "InService");
  await expect(comeBack(name, instance)).rejects.toMatchObject({ name: "ValidationError" });

  const { Activities } = await standAside(name, instance);
  expect(Activities).toMatchObject([{ AutoScalingGroupName: name }]);
  expect(instance.metadata.lifecycle).toBe("Standby");
  await until(instance, "Standby");
  expect(await aws.targets.health(attached, { id: instance.id })).toBe("unused Target.NotRegistered");

  await comeBack(name, instance);
  await until(instance, "InService");
  expect(instance.metadata.lifecycle).toBe("InService");
  expect(await aws.targets.health(attached, { id: instance.id })).not.toContain("NotRegistered");
  const history = aws.autoScaling.history(instance);
  expect(history.slice(4)).toEqual(["EnteringStandby", "Standby", "Pending", "Pending:Proceed", "InService"]);
});

test("standby makes no group smaller than its minimum, in AWS's words", async () => {
  const { name, instance } = await launched({ minSize: 1 });
  await until(instance, "InService");
  await expect(standAside(name, instance)).rejects.toMatchObject({
    name: "ValidationError",
    message: `AutoScalingGroup ${name} has min-size=1, max-size=100, and desired-size=1. To place into standby 1 instance, please update the AutoScalingGroup sizes appropriately.`,
  });
  expect(await stateOf(instance)).toBe("InService");
  await aws.launch({ group: name });
  await expect.poll(() => standAside(name, instance).then(() => "taken", String), { timeout: 5_000 }).toBe("taken");
});

test("what says of itself that it is not healthy is terminated, with its hook", async () => {
  const { name, instance } = await launched({ hooks: [{ name: "leave", transition: "terminating" }] });
  await until(instance, "InService");
  const told = { InstanceId: instance.id, HealthStatus: "Unhealthy", ShouldRespectGracePeriod: false };
  await client.send(new SetInstanceHealthCommand(told));
  expect(instance.metadata.lifecycle).toBe("Terminated");
  await until(instance, "Terminating:Wait");
  await complete(name, instance, "leave");
  await until(instance, undefined);
  await expect(client.send(new SetInstanceHealthCommand(told))).rejects.toMatchObject({
    name: "ValidationError",
    message: `Instance Id not found - No managed instance found for instance ID ${instance.id}`,
  });
});
