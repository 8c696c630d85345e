import { afterAll, beforeAll, expect, test } from "vitest";
import { createImds } from "../../src/adapters/aws/imds.ts";
import { createAwsLifecycle } from "../../src/adapters/aws/lifecycle.ts";
import type { GroupState } from "../../src/ports/lifecycle.ts";
import { createFakeClock } from "../fakes/clock.ts";
import { fields, members, startAws, type AwsAnswer, type AwsServer } from "../unit/adapters/aws/aws-server.ts";
import { startMetadata, type MetadataServer } from "../unit/adapters/aws/metadata-server.ts";
import { lifecycleSuite } from "./lifecycle.suite.ts";

const instance = "i-0a1b2c3d4e5f60718";
const targetState = "meta-data/autoscaling/target-lifecycle-state";

let aws: AwsServer;
let metadata: MetadataServer;

beforeAll(async () => {
  [aws, metadata] = await Promise.all([startAws(), startMetadata()]);
});

afterAll(() => Promise.all([aws.close(), metadata.close()]));

function hook(name: string, transition: string): string {
  return fields({
    LifecycleHookName: name,
    LifecycleTransition: `autoscaling:EC2_INSTANCE_${transition}`,
    HeartbeatTimeout: "600",
    GlobalTimeout: "60000",
    DefaultResult: "ABANDON",
  });
}

/** Auto Scaling with one group and one instance, in the words of its API reference. */
function groupOf(state: string, attached: readonly string[]) {
  let now = state;
  let result: "CONTINUE" | "ABANDON" | undefined;
  let atMinimum = false;
  let unhealthy = false;

  /** A move of this instance to a state; only from one. */
  function move(parameters: URLSearchParams, from: string, to: string): AwsAnswer {
    if (parameters.get("InstanceIds.member.1") !== instance || now !== from) {
      return { code: "ValidationError", message: `The instance ${instance} is not in ${from}.` };
    }
    now = to;
    return "<Activities/>";
  }

  function answer(action: string, parameters: URLSearchParams): AwsAnswer {
    switch (action) {
      case "DescribeAutoScalingInstances": {
        const place = fields({ InstanceId: instance, AutoScalingGroupName: "web", LifecycleState: now });
        return `<AutoScalingInstances>${members([place])}</AutoScalingInstances>`;
      }
      case "DescribeAutoScalingGroups": {
        const [arns, classic] = [true, false].map((isArn) =>
          attached.filter((one) => one.startsWith("arn:") === isArn),
        );
        const sources = (arns ?? []).map((arn) => fields({ Identifier: arn, Type: "elbv2" }));
        const lattice = fields({ Identifier: "arn:aws:vpc-lattice:…:targetgroup/tg-0", Type: "vpc-lattice" });
        const attachments = [
          `<TargetGroupARNs>${members(arns ?? [])}</TargetGroupARNs>`,
          `<LoadBalancerNames>${members(classic ?? [])}</LoadBalancerNames>`,
          `<TrafficSources>${members([...sources, lattice])}</TrafficSources>`,
        ];
        const group = `<AutoScalingGroupName>web</AutoScalingGroupName>${attachments.join("")}`;
        return `<AutoScalingGroups>${members([group])}</AutoScalingGroups>`;
      }
      case "DescribeLifecycleHooks":
        return `<LifecycleHooks>${members([hook("ready", "LAUNCHING"), hook("bye", "TERMINATING")])}</LifecycleHooks>`;
      case "RecordLifecycleActionHeartbeat":
      case "CompleteLifecycleAction": {
        const given = parameters.get("LifecycleActionResult");
        if (parameters.get("InstanceId") !== instance || now !== "Pending:Wait") {
          return { code: "ValidationError", message: `No active Lifecycle Action found with instance ID ${instance}` };
        }
        if (given === "CONTINUE" || given === "ABANDON") {
          result = given;
          now = "InService";
        }
        return "";
      }
      case "EnterStandby": {
        if (parameters.get("ShouldDecrementDesiredCapacity") !== "true") throw new Error("it would be replaced");
        const message =
          "AutoScalingGroup web has min-size=1, max-size=3, and desired-size=1. To place into standby 1 instance, please update the AutoScalingGroup sizes appropriately.";
        return atMinimum ? { code: "ValidationError", message } : move(parameters, "InService", "Standby");
      }
      case "ExitStandby":
        return move(parameters, "Standby", "InService");
      case "SetInstanceHealth":
        if (parameters.get("ShouldRespectGracePeriod") !== "false") throw new Error("it would not count yet");
        unhealthy = parameters.get("HealthStatus") === "Unhealthy";
        return "";
      default:
        throw new Error(`nobody said how to answer ${action}`);
    }
  }
  return {
    answer,
    result: () => result,
    atMinimum: (is: boolean) => void (atMinimum = is),
    unhealthy: () => unhealthy,
  };
}

/** What the metadata says of an instance in this state, of a pool that keeps its instances stopped. */
function wantedIn(state: string): string {
  if (state.startsWith("Warmed:")) return "Warmed:Stopped";
  if (state === "Standby" || state === "Detached") return state;
  return state.startsWith("Terminating") ? "Terminated" : "InService";
}

/** The words of AWS for the states that the suite places an instance in. */
const words: Partial<Record<GroupState, string>> = {
  launching: "Pending",
  "launch-waiting": "Pending:Wait",
  "warm-launch-waiting": "Warmed:Pending:Wait",
  "in-service": "InService",
  standby: "Standby",
  detached: "Detached",
  "termination-waiting": "Terminating:Wait",
};

function wordOf(state: GroupState): string {
  const word = words[state];
  if (word === undefined) throw new Error(`no word of AWS for ${state}`);
  return word;
}

lifecycleSuite("aws", () => {
  let group = groupOf("Pending", []);
  const imds = createImds({ endpoint: metadata.endpoint, clock: createFakeClock() });
  return {
    lifecycle: createAwsLifecycle({
      ...{ ...aws.deps, imds, instanceId: async () => instance },
      tags: () => ({ Name: "web" }),
      mayBeLate: async () => true,
    }),
    place(where) {
      aws.asked.length = 0;
      metadata.pages.clear();
      if (where === undefined) return;
      metadata.pages.set(targetState, `${wantedIn(wordOf(where.state))}\n`);
      group = groupOf(wordOf(where.state), where.attached);
      aws.answer = group.answer;
    },
    calls: () => aws.asked.length,
    result: () => group.result(),
    atMinimum: (is) => group.atMinimum(is),
    unhealthy: () => group.unhealthy(),
  };
});

type Late = {
  tags?: Record<string, string>;
  late: boolean;
  target?: string;
  answer?: (action: string) => AwsAnswer | undefined;
};

/** What is told of an instance of which AWS does not know everything. */
async function observedWith({ tags, late, target, answer }: Late) {
  metadata.pages.clear();
  if (target !== undefined) metadata.pages.set(targetState, target);
  const { answer: usual } = groupOf("Pending:Wait", []);
  aws.answer = (action, parameters) => answer?.(action) ?? usual(action, parameters);
  const imds = createImds({ endpoint: metadata.endpoint, clock: createFakeClock() });
  const lifecycle = createAwsLifecycle({
    ...{ ...aws.deps, imds, instanceId: async () => instance },
    tags: () => tags,
    mayBeLate: async () => late,
  });
  return await lifecycle.observe(new AbortController().signal);
}

const ofGroup = { "aws:autoscaling:groupName": "web" };
const noInstance = (action: string) =>
  action === "DescribeAutoScalingInstances" ? "<AutoScalingInstances/>" : undefined;
const noHooks = (action: string) => (action === "DescribeLifecycleHooks" ? "<LifecycleHooks/>" : undefined);

// Sources of the lateness: src/adapters/aws/lateness.ts.
test("the tag of the group tells what the metadata does not yet", async () => {
  expect(await observedWith({ tags: ofGroup, late: true })).toMatchObject({ group: "web", state: "launch-waiting" });
});

test("other tags without that of a group are proof that there is none", async () => {
  expect(await observedWith({ tags: { Name: "web" }, late: true })).toBeUndefined();
});

test.each<[string, Late]>([
  ["neither metadata nor tags", { late: true }],
  ["an empty set of tags", { tags: {}, late: true }],
  ["no such instance in Auto Scaling", { target: "InService", late: true, answer: noInstance }],
  ["no hook of a group that waits", { target: "InService", late: false, answer: noHooks }],
])("%s is no answer", async (_what, world) => {
  await expect(observedWith(world)).rejects.toMatchObject({ code: "group-late", transient: true });
});

test.each<[string, Late]>([
  ["neither metadata nor tags, of an old instance", { tags: {}, late: false }],
  ["no such instance in Auto Scaling, of an old one", { target: "InService", late: false, answer: noInstance }],
  ["an instance that the group has let go", { target: "Terminated", late: true, answer: noInstance }],
])("%s counts as outside of a group", async (_what, world) => {
  expect(await observedWith(world)).toBeUndefined();
});
