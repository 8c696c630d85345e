// One simulated instance: the product's own adapters, membership, join and loops, over an account in memory.
import { createAwsBalancer } from "../../src/adapters/aws/balancers.ts";
import { createAwsLifecycle } from "../../src/adapters/aws/lifecycle.ts";
import { awsPace } from "../../src/adapters/aws/pace.ts";
import { keepZones } from "../../src/adapters/aws/route53-zones.ts";
import { createRoute53 } from "../../src/adapters/aws/route53.ts";
import { createEc2Tags } from "../../src/adapters/aws/tags.ts";
import { keepMembership } from "../../src/daemon/controllers/keep-membership.ts";
import { createBeats } from "../../src/daemon/controllers/beats.ts";
import { reportOf } from "../../src/domain/errors/errors.ts";
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
import { groupOf, type Account, type FleetShape } from "./account.ts";

export interface SimulatedInstance {
  readonly id: string;
  /** The end of a boot's run, again and again until the instance serves. @returns how often it was held */
  boot(signal: AbortSignal): Promise<number>;
  /** What the daemon does for an instance in service that has nothing to do. */
  idle(signal: AbortSignal): Promise<void>;
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
  const imds = {
    get: async (path: string) => (shape.attached && path.endsWith("target-lifecycle-state") ? "InService" : undefined),
  };
  const tags = { "muster:role": "web", "muster:environment": "dev" };
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
    dns: createRoute53({ ...aws, zones: keepZones(aws), clock, onWarning: () => undefined }),
    tags: createEc2Tags({ ...aws, instanceId, known: async () => ({ tags, readMs: 0 }) }),
  });
  const deps = { bootId, clock, files, membership, lifecycle, balancer, pace: awsPace } as unknown as RunDeps;
  const joining = { role: roleOf(at, shape), environment: "dev", identity: identityOf(id, at, tags), commit: "c1" };

  function runOf(signal: AbortSignal): Run {
    return {
      id: "run-1",
      journal: { state: { started: { request: { cause: "boot" } }, changed: false } } as unknown as Run["journal"],
      clock,
      signal,
      stages: new Set(stageNames),
      emit: () => undefined,
      commands: { during: async (_hear, work) => await work() },
      serving: false,
      wantedBefore: false,
    };
  }

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
      const status = { current: () => ({ state: "in-service", bootId, run: { id: "run-1", finished: true } }) };
      const beats = createBeats(clock);
      const daemon = {
        lifecycle,
        membership,
        status,
        bus: { emit: () => undefined, listen: () => () => undefined },
        clock,
        intervals: awsPace.intervals,
        beats,
      };
      await keepMembership(daemon as never, signal);
    },
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
