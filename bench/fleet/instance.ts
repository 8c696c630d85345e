// One simulated instance: the product's own adapters, membership, join and loops, over an account in memory.
import { createAwsBalancer } from "../../src/adapters/aws/balancers.ts";
import { createAwsLifecycle } from "../../src/adapters/aws/lifecycle.ts";
import { awsPace } from "../../src/adapters/aws/pace.ts";
import { keepZones } from "../../src/adapters/aws/route53-zones.ts";
import { createRoute53 } from "../../src/adapters/aws/route53.ts";
import { createEc2Fleet } from "../../src/adapters/aws/fleet.ts";
import { createAwsIdentitySource } from "../../src/adapters/aws/identity-source.ts";
import { createAwsNotices } from "../../src/adapters/aws/notices.ts";
import { createRoute53Registry } from "../../src/adapters/aws/route53-registry.ts";
import { createRoute53Slots } from "../../src/adapters/aws/route53-slots.ts";
import { createTagCache } from "../../src/adapters/aws/tag-cache.ts";
import { createEc2Tags, describeTags } from "../../src/adapters/aws/tags.ts";
import { keepSweeping } from "../../src/daemon/sweep/keep-sweeping.ts";
import { watchCloud } from "../../src/daemon/watches/watch-cloud.ts";
import { watchTags } from "../../src/daemon/watches/watch-tags.ts";
import { keepMembership } from "../../src/daemon/controllers/keep-membership.ts";
import { createBeats } from "../../src/daemon/controllers/beats.ts";
import { reportOf } from "../../src/domain/errors/errors.ts";
import type { Pending } from "../../src/domain/membership/membership.ts";
import type { EventBody } from "../../src/domain/run/events.ts";
import type { Identity } from "../../src/domain/instance/instance.ts";
import type { Role } from "../../src/domain/role/role.ts";
import { stageNames } from "../../src/domain/run/run.ts";
import { backoffMs } from "../../src/lib/async/backoff.ts";
import { createMembership } from "../../src/membership/membership.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { hold } from "../../src/run/leave/hold.ts";
import type { RunDeps } from "../../src/run/spine/deps.ts";
import { StageFailure, type Run } from "../../src/run/spine/step.ts";
import { join } from "../../src/run/start/join.ts";
import { createFakeStateFiles } from "../../test/fakes/state-files.ts";
import type { Account } from "./account.ts";
import { groupOf, steering, type FleetShape } from "./shape.ts";

export interface SimulatedInstance {
  readonly id: string;
  /** The end of a boot's run, again and again until the instance serves. @returns how often it was held */
  boot(signal: AbortSignal): Promise<number>;
  /** What the daemon does for an instance in service that has nothing to do. */
  idle(signal: AbortSignal): Promise<void>;
  /** The watch over the cloud's notices, which asks the metadata alone. */
  watch(signal: AbortSignal): Promise<void>;
  /** Requests to the metadata service so far. */
  metadata(): number;
}

/** Of the settings: the proposal of `muster init`. */
const held = { firstMs: 30_000, maxMs: 600_000, jitter: "upper-half" } as const;

const bootId = "boot-1";

/** Loads the SDK before time begins: a load takes no virtual time, so nothing may wait for one. */
export async function loadClients(): Promise<void> {
  await Promise.all([
    import("../../src/adapters/aws/sdk/auto-scaling.ts"),
    import("../../src/adapters/aws/sdk/ec2.ts"),
    import("../../src/adapters/aws/sdk/elbv2.ts"),
    import("../../src/adapters/aws/sdk/route53.ts"),
  ]);
}

export function createInstance(at: number, shape: FleetShape, account: Account, clock: Clock): SimulatedInstance {
  const id = `i-${at.toString(16).padStart(17, "0")}`;
  const files = createFakeStateFiles();
  const aws = {
    region: async () => "eu-west-1",
    onCall: () => undefined,
    monotonicMs: () => clock.monotonicMs(),
    wire: account.wire,
  };
  const instanceId = async () => id;
  let asked = 0;
  const pages: Readonly<Record<string, string | undefined>> = {
    "meta-data/autoscaling/target-lifecycle-state": shape.attached ? "InService" : undefined,
    "meta-data/instance-life-cycle": "on-demand",
    "dynamic/instance-identity/document": JSON.stringify({
      ...{ instanceId: id, accountId: "111122223333", region: "eu-west-1", availabilityZone: "eu-west-1a" },
    }),
  };
  const imds = {
    async get(path: string) {
      asked += 1;
      return pages[path];
    },
  };
  const tags = steering;
  const zones = keepZones(aws);
  const balancer = createAwsBalancer(aws);
  const lifecycle = createAwsLifecycle({
    tags: () => undefined,
    mayBeLate: async () => false,
    ...aws,
    imds,
    instanceId,
  });
  const membership = createMembership({
    files,
    clock,
    tagPrefix: "muster:",
    pace: awsPace,
    balancer,
    dns: createRoute53({ ...aws, zones, clock, onWarning: () => undefined }),
    tags: createEc2Tags({ ...aws, instanceId, known: async () => ({ tags, readMs: 0 }) }),
  });
  const deps = { bootId, clock, files, membership, lifecycle, balancer, pace: awsPace } as unknown as RunDeps;
  const joining = { role: roleOf(at, shape), environment: "dev", identity: identityOf(id, at, tags), commit: "c1" };

  let pending: Pending | undefined;

  function hear(event: EventBody): void {
    if (event.type === "membership-pending") ({ pending } = event);
  }

  function runOf(signal: AbortSignal): Run {
    return {
      id: "run-1",
      journal: { state: { started: { request: { cause: "boot" } }, changed: false } } as unknown as Run["journal"],
      clock,
      signal,
      stages: new Set(stageNames),
      emit: hear,
      commands: { during: async (_hear, work) => await work() },
      serving: false,
      wantedBefore: false,
    };
  }

  const duty = { ...joining, role: { ...joining.role, schedule: {} } };
  const daemon = {
    ...{ lifecycle, membership, clock, balancer, tagPrefix: "muster:", tagTrust: [] },
    status: { current: () => ({ state: "in-service", bootId, run: { id: "run-1", finished: true }, pending }) },
    duty: { current: () => duty },
    pause: { current: () => undefined },
    bus: { emit: hear, listen: () => () => undefined },
    intervals: awsPace.intervals,
    beats: createBeats(clock),
    identity: createAwsIdentitySource({
      ...{ imds, tagPrefix: "muster:", isLate: () => false, onWarning: () => undefined },
      // Not in the metadata: the dearer of the two ways.
      describeTags: async (_id, signal) => await describeTags(aws, id, signal),
      cache: createTagCache(files, () => clock.now()),
      hostAddresses: async () => ({ ipv4: [], ipv6: [] }),
    }),
    sweeping: {
      ...{ balancer, files, clock, bootId },
      fleet: createEc2Fleet({ ...aws, instanceId }),
      registry: createRoute53Registry({ zones, clock }),
      slots: createRoute53Slots({ zones, clock }),
    },
    notices: createAwsNotices({ imds, clock, onWarning: () => undefined }),
    departures: { report: () => undefined },
    ownStandby: async () => false,
  };

  return {
    id,
    async boot(signal) {
      for (let failed = 0; ; failed += 1) {
        const run = runOf(signal);
        try {
          await join(run, { ...joining, naming: {} }, deps);
          return failed;
        } catch (error) {
          if (!(error instanceof StageFailure) || signal.aborted) throw error;
          await hold(run, error.stage, reportOf(error.cause), deps);
          await clock.sleep(backoffMs(held, failed + 1, clock), signal);
        }
      }
    },
    async idle(signal) {
      await Promise.all([
        keepMembership(daemon as never, signal),
        watchTags(daemon as never, signal),
        keepSweeping(daemon as never, signal),
      ]);
    },
    watch: async (signal) => await watchCloud(daemon as never, signal),
    metadata: () => asked,
  };
}

function roleOf(at: number, { named }: FleetShape): Role {
  const register = [{ targetGroup: groupOf(at), port: 80, deadlineMs: 300_000, drainMs: 0 }];
  const dns = [{ zone: "example.internal", name: "{instance.id}", type: "A", ttl: 30 }];
  return { name: "web", register, dns: named ? dns : [], checks: [] } as unknown as Role;
}

function identityOf(id: string, at: number, tags: Identity["tags"]): Identity {
  const address = [10, (at >> 16) & 255, (at >> 8) & 255, at & 255].join(".");
  const instance = {
    ...{ id, cloud: "aws", account: "111122223333", region: "eu-west-1", zone: "eu-west-1a", hostname: id },
    addresses: { ipv4: [address], ipv6: [] },
  };
  return { instance, tags } as unknown as Identity;
}
