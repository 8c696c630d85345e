// One AWS account in memory, as far as a fleet asks it: the published buckets, zones that take one change at a time, and
// target groups that check their targets. The product's own AWS clients ask it, with the SDK's own retries.
import type { AwsDeps } from "../../src/adapters/aws/call.ts";
import { bucketOf, createLevels, type Bucket } from "../../test/lab/aws-front/token-buckets.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { Refusal, wireOf, type Input } from "./wire.ts";

/** What the simulated fleet is made of. */
export interface FleetShape {
  readonly size: number;
  /** Whether an Auto Scaling group registers its instances; else each registers itself. */
  readonly attached: boolean;
  /** Whether each instance publishes a name. */
  readonly named: boolean;
}

export interface Account {
  /** How each client of an instance reaches this account. */
  readonly wire: NonNullable<AwsDeps["wire"]>;
  /** Requests that were answered, and those that were throttled, by bucket. */
  readonly requests: ReadonlyMap<string, Requests>;
  /** Healthy targets that were deregistered, and names of healthy instances that were deleted. */
  readonly takenOut: ReadonlySet<string>;
  isHealthy(instance: string): boolean;
  isNamed(instance: string): boolean;
  /** Whether the buckets count. */
  limits(enforced: boolean): void;
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

/** The largest target group (Elastic Load Balancing quotas: targets per target group). */
const mostTargets = 1_000;

/** How long a zone works at a change and takes no other, in milliseconds. */
const changeMs = 150;

type Change = { readonly Action: string; readonly ResourceRecordSet: { readonly Name: string; readonly Type: string } };

export const arnOf = (group: string) =>
  `arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/${group}/0123456789abcdef`;

/** The target group of the instance with this number. */
export const groupOf = (at: number) => `web-${Math.floor(at / mostTargets)}`;

export function createAccount(clock: Clock, shape: FleetShape): Account {
  const levels = createLevels(() => clock.monotonicMs());
  const requests = new Map<string, Requests>();
  const takenOut = new Set<string>();
  /** When each target was registered, by group and instance. */
  const targets = new Map<string, Map<string, number>>();
  const sets = new Map<string, Change["ResourceRecordSet"]>();
  const launched = new Set<string>();
  let busyUntil = 0;
  let enforced = true;

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

  function change(input: Input): object {
    const now = clock.monotonicMs();
    if (enforced && now < busyUntil)
      throw new Refusal("PriorRequestNotComplete", "Route 53 was still processing a prior request");
    busyUntil = now + changeMs;
    const { Changes } = input["ChangeBatch"] as { readonly Changes: readonly Change[] };
    for (const { Action, ResourceRecordSet: set } of Changes) {
      const key = `${set.Name} ${set.Type}`;
      if (Action === "CREATE" && sets.has(key))
        throw new Refusal("InvalidChangeBatch", `Tried to create resource record set ${key} but it already exists`);
      if (Action === "DELETE") {
        takenOut.add(set.Name.replace(/^_muster\./, "").replace(/\..*/, ""));
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
      const members = membersOf(input["TargetGroupArn"]);
      const asked = input["Targets"] === undefined ? [...members.keys()] : idsOf(input);
      return {
        TargetHealthDescriptions: asked.map((Id) => ({
          Target: { Id, Port: 80 },
          TargetHealth: stateOf(members.get(Id)),
        })),
      };
    },
    RegisterTargets(input) {
      const members = membersOf(input["TargetGroupArn"]);
      for (const id of idsOf(input)) if (!members.has(id)) members.set(id, clock.monotonicMs());
      return {};
    },
    DeregisterTargets(input) {
      const members = membersOf(input["TargetGroupArn"]);
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
    ListResourceRecordSets({ StartRecordName }) {
      const name = String(StartRecordName);
      const found = [`${name} A`, `_muster.${name} TXT`].flatMap((key) => sets.get(key) ?? []);
      return { MaxItems: 300, IsTruncated: false, ResourceRecordSets: found };
    },
    ChangeResourceRecordSets: change,
    GetChange: () => ({ ChangeInfo: { Id: "/change/C1", Status: "INSYNC" } }),
    CreateTags: () => ({}),
    DescribeTags: () => ({ Tags: [{ Key: "muster:role", Value: "web" }] }),
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
      // Auto Scaling's own calls take from its own buckets ("Request throttling for the ELB API").
      if (shape.attached) membersOf(arnOf(groupOf(numberOf(id)))).set(id, clock.monotonicMs());
      return {};
    },
  };

  /** One attempt: a token, then the answer. */
  function attempt(operation: string, input: Input): object {
    const [service = "", action = ""] = operation.split(":");
    const bucket = bucketOf({ service, action, narrowed: true });
    const name = bucket?.name ?? `${service} (no published bucket)`;
    const count = requests.get(name) ?? { bucket, answered: 0, throttled: 0, refused: 0 };
    requests.set(name, count);
    if (enforced && bucket !== undefined && !levels.take(name, bucket)) {
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
    limits: (now) => void (enforced = now),
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
