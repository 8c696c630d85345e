// One AWS account in memory, as far as a fleet asks it: the published buckets, zones that take one change at a time, and
// target groups that check their targets. The product's own AWS clients ask it, with the SDK's own retries.
import type { AwsDeps } from "../../src/adapters/aws/call.ts";
import { bucketOf, createLevels, type Bucket } from "../../test/lab/aws-front/token-buckets.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { arnOf, groupOf, steering, type FleetShape } from "./shape.ts";
import { Refusal, wireOf, type Input } from "./wire.ts";

export interface Account {
  /** How each client of an instance reaches this account. */
  readonly wire: NonNullable<AwsDeps["wire"]>;
  /** Requests that were answered, and those that were throttled, by bucket. */
  readonly requests: ReadonlyMap<string, Requests>;
  /** Healthy targets that were deregistered, and names of healthy instances that were deleted. */
  readonly takenOut: ReadonlySet<string>;
  isHealthy(instance: string): boolean;
  isNamed(instance: string): boolean;
  /** Counts from zero. */
  forget(): void;
}

export interface Requests {
  readonly bucket: Bucket | undefined;
  answered: number;
  throttled: number;
  refused: number;
}

/** Of the target groups: what AWS proposes (CreateTargetGroup, defaults for an Application Load Balancer). */
const check = { seconds: 30, passes: 5 };

/** How long a zone works at a change and takes no other, in milliseconds. */
const changeMs = 150;

type Change = { readonly Action: string; readonly ResourceRecordSet: { readonly Name: string; readonly Type: string } };

export function createAccount(clock: Clock, shape: FleetShape): Account {
  const levels = createLevels(() => clock.monotonicMs());
  const requests = new Map<string, Requests>();
  const takenOut = new Set<string>();
  /** When each target was registered, by group and instance. */
  const targets = new Map<string, Map<string, number>>();
  const rosters = new Map<string, readonly ReturnType<typeof told>[]>();
  const sets = new Map<string, Change["ResourceRecordSet"]>();
  let ordered: readonly Change["ResourceRecordSet"][] | undefined;
  const launched = new Set<string>();
  let busyUntil = 0;

  function stateOf(since: number | undefined): { State: string; Reason?: string } {
    if (since === undefined) return { State: "unused", Reason: "Target.NotRegistered" };
    // "After your target is registered, it must pass one health check to be considered healthy" (User Guide for
    // Application Load Balancers, "Health checks for your target groups"): within the first interval.
    const age = clock.monotonicMs() - since;
    return age >= firstCheckMs(since)
      ? { State: "healthy" }
      : { State: "initial", Reason: "Elb.InitialHealthChecking" };
  }

  function membersOf(arn: unknown): Map<string, number> {
    const key = String(arn);
    const members = targets.get(key) ?? new Map<string, number>();
    targets.set(key, members);
    return members;
  }

  function told(Id: string, members: ReadonlyMap<string, number>) {
    return { Target: { Id, Port: 80 }, TargetHealth: stateOf(members.get(Id)) };
  }

  function change(input: Input): object {
    const now = clock.monotonicMs();
    if (now < busyUntil) throw new Refusal("PriorRequestNotComplete", "Route 53 was still processing a prior request");
    busyUntil = now + changeMs;
    const { Changes } = input["ChangeBatch"] as { readonly Changes: readonly Change[] };
    ordered = undefined;
    for (const { Action, ResourceRecordSet: set } of Changes) {
      const key = `${set.Name} ${set.Type}`;
      if (Action === "CREATE" && sets.has(key))
        throw new Refusal("InvalidChangeBatch", `Tried to create resource record set ${key} but it already exists`);
      if (Action === "DELETE") {
        // Slots are handed on.
        if (set.Type !== "TXT") takenOut.add(set.Name.replace(/\..*/, ""));
        sets.delete(key);
      } else sets.set(key, set);
    }
    return { ChangeInfo: { Id: "/change/C1", Status: "PENDING" } };
  }

  const answers: Readonly<Record<string, (input: Input) => object>> = {
    DescribeTargetGroups: ({ Names, TargetGroupArns }) => ({
      TargetGroups: [
        ...((Names ?? []) as string[]),
        ...((TargetGroupArns ?? []) as string[]).map((arn) => arn.split("/")[1] ?? ""),
      ].map((name) => ({
        TargetGroupArn: arnOf(name),
        TargetGroupName: name,
        TargetType: "instance",
        Protocol: "HTTP",
        HealthCheckTimeoutSeconds: 5,
        HealthCheckIntervalSeconds: check.seconds,
        HealthyThresholdCount: check.passes,
      })),
    }),
    DescribeTargetHealth(input) {
      const arn = String(input["TargetGroupArn"]);
      const members = membersOf(arn);
      if (input["Targets"] !== undefined)
        return { TargetHealthDescriptions: idsOf(input).map((Id) => told(Id, members)) };
      // Where nothing changes the answer of before is the answer.
      const whole = rosters.get(arn) ?? [...members.keys()].map((Id) => told(Id, members));
      if (whole.every(({ TargetHealth }) => TargetHealth.State === "healthy")) rosters.set(arn, whole);
      return { TargetHealthDescriptions: whole };
    },
    RegisterTargets(input) {
      const members = membersOf(input["TargetGroupArn"]);
      rosters.clear();
      for (const id of idsOf(input)) if (!members.has(id)) members.set(id, clock.monotonicMs());
      return {};
    },
    DeregisterTargets(input) {
      const members = membersOf(input["TargetGroupArn"]);
      rosters.clear();
      for (const id of idsOf(input)) {
        if (stateOf(members.get(id)).State === "healthy") takenOut.add(id);
        members.delete(id);
      }
      return {};
    },
    ListHostedZonesByName: () => ({
      MaxItems: 100,
      HostedZones: [{ Id: "/hostedzone/Z1", Name: "example.internal.", ResourceRecordSetCount: sets.size + 2 }],
    }),
    ListResourceRecordSets({ StartRecordName, StartRecordType }) {
      if (StartRecordName === undefined || StartRecordType !== undefined) return page(StartRecordName, StartRecordType);
      const name = StartRecordName as string;
      const found = [`${name} A`, `${name} TXT`, `_muster.${name} TXT`].flatMap((key) => sets.get(key) ?? []);
      return { MaxItems: 300, IsTruncated: false, ResourceRecordSets: found };
    },
    ChangeResourceRecordSets: change,
    GetChange: () => ({ ChangeInfo: { Id: "/change/C1", Status: "INSYNC" } }),
    CreateTags: () => ({}),
    DescribeTags: () => ({ Tags: Object.entries(steering).map(([Key, Value]) => ({ Key, Value })) }),
    DescribeInstances({ Filters }) {
      const [{ Values }] = Filters as readonly [{ readonly Values: readonly string[] }];
      return {
        Reservations: [{ Instances: Values.map((InstanceId) => ({ InstanceId, State: { Name: "running" } })) }],
      };
    },
    DescribeAutoScalingInstances({ InstanceIds }) {
      const [id = ""] = InstanceIds as readonly string[];
      const LifecycleState = launched.has(id) ? "InService" : "Pending:Wait";
      return {
        AutoScalingInstances: [{ InstanceId: id, AutoScalingGroupName: `web-${numberOf(id)}`, LifecycleState }],
      };
    },
    DescribeAutoScalingGroups({ AutoScalingGroupNames }) {
      const [name = ""] = AutoScalingGroupNames as readonly string[];
      const arn = arnOf(groupOf(Number(name.split("-")[1])));
      return { AutoScalingGroups: [{ AutoScalingGroupName: name, TargetGroupARNs: shape.attached ? [arn] : [] }] };
    },
    DescribeLifecycleHooks: () => ({
      LifecycleHooks: [
        {
          LifecycleHookName: "muster",
          LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
          DefaultResult: "ABANDON",
        },
      ],
    }),
    RecordLifecycleActionHeartbeat: () => ({}),
    CompleteLifecycleAction({ InstanceId }) {
      const id = String(InstanceId);
      launched.add(id);
      rosters.clear();
      // Auto Scaling's own calls take from its own buckets ("Request throttling for the ELB API").
      if (shape.attached) membersOf(arnOf(groupOf(numberOf(id)))).set(id, clock.monotonicMs());
      return {};
    },
  };

  /** A page of the whole zone. */
  function page(name: unknown, type: unknown): object {
    ordered ??= [...sets].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, set]) => set);
    const from = name === undefined ? 0 : ordered.findIndex((set) => set.Name === name && set.Type === type);
    const next = ordered[from + 300];
    const more = next === undefined ? {} : { NextRecordName: next.Name, NextRecordType: next.Type };
    const found = ordered.slice(from, from + 300);
    return { MaxItems: 300, IsTruncated: next !== undefined, ResourceRecordSets: found, ...more };
  }

  /** One attempt: a token, then the answer. */
  function attempt(operation: string, input: Input): object {
    const [service = "", action = ""] = operation.split(":");
    const bucket = bucketOf({ service, action, narrowed: true });
    const name = bucket?.name ?? `${service} (no published bucket)`;
    const count = requests.get(name) ?? { bucket, answered: 0, throttled: 0, refused: 0 };
    requests.set(name, count);
    if (bucket !== undefined && !levels.take(name, bucket)) {
      count.throttled += 1;
      throw new Refusal(service === "ec2" ? "RequestLimitExceeded" : "Throttling", "Rate exceeded");
    }
    const answer = answers[action];
    if (answer === undefined) throw new Error(`the simulation has no answer to ${operation}`);
    try {
      const output = answer(input);
      count.answered += 1;
      return output;
    } catch (error) {
      count.refused += 1;
      throw error;
    }
  }

  return {
    requests,
    takenOut,
    isHealthy: (instance) =>
      [...targets.values()].some((members) => stateOf(members.get(instance)).State === "healthy"),
    isNamed: (instance) => sets.has(`${instance}.example.internal. A`),
    forget: () => requests.clear(),
    wire: (client) => wireOf(client, clock, attempt),
  };
}

function idsOf(input: Input): readonly string[] {
  return ((input["Targets"] ?? []) as { readonly Id: string }[]).map(({ Id }) => Id);
}

function numberOf(instance: string): number {
  return Number.parseInt(instance.slice(2), 16);
}

/** When a target passes its first check: anywhere within an interval, but for the same target always there. */
function firstCheckMs(since: number): number {
  return 2_000 + ((since * 7_919) % (check.seconds * 1_000));
}
