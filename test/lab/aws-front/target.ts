// One target of one group, from its registration to the end of its drain.
import { setTimeout as sleep } from "node:timers/promises";

import { type ProbeFailure, probe } from "./target-probe.ts";
import type { HealthCheck, TargetGroup } from "./target-groups.ts";

export interface Health {
  readonly state: "initial" | "healthy" | "unhealthy" | "draining" | "unused" | "unavailable";
  readonly reason?: string;
  readonly description?: string;
}

export interface Target {
  readonly id: string;
  readonly port: number;
  readonly address: string;
  health(): Health;
  /** Ends after the group's deregistration delay; at once where nobody sends it anything. */
  drain(): void;
  /** Stops whatever is under way. */
  forget(): void;
}

export interface TargetOptions {
  id: string;
  port: number;
  address: string;
  /** The group as it is now; undefined once it was deleted. */
  group: () => Promise<TargetGroup | undefined>;
  /** What intervals and delays are multiplied by. */
  scale: number;
  /** Another health, or gone. */
  onChange: () => void;
  onGone: () => void;
}

/** How long AWS takes to tell its load balancer's nodes, about, in milliseconds. */
const registrationMs = 2_000;

/**
 * A Network Load Balancer that cannot tell. Source:
 * docs.aws.amazon.com/elasticloadbalancing/latest/network/check-target-health.html
 */
export const internalError: Health = {
  state: "unavailable",
  reason: "Elb.InternalError",
  description: "Target health is unavailable due to an internal error",
};

export const notInUse: Health = {
  state: "unused",
  reason: "Target.NotInUse",
  description: "Target group is not configured to receive traffic from the load balancer",
};

const registering: Health = {
  state: "initial",
  reason: "Elb.RegistrationInProgress",
  description: "Target registration is in progress",
};

const checking: Health = {
  state: "initial",
  reason: "Elb.InitialHealthChecking",
  description: "Initial health checks in progress",
};

const draining: Health = {
  state: "draining",
  reason: "Target.DeregistrationInProgress",
  description: "Target deregistration is in progress",
};

export function registerTarget(options: TargetOptions): Target {
  const { id, port, address, group, scale, onChange, onGone } = options;
  const ended = new AbortController();
  const leaving = new AbortController();
  let health: Health = registering;
  const checks = AbortSignal.any([ended.signal, leaving.signal]);

  function become(next: Health): void {
    const before = health;
    health = next;
    if (before.state !== next.state) onChange();
  }

  async function checkOn(): Promise<void> {
    await sleep(registrationMs * scale, undefined, { signal: checks });
    let row: { passed: boolean; length: number } = { passed: true, length: 0 };
    for (;;) {
      const now = await group();
      if (now?.inUse !== true) become(notInUse);
      else {
        if (health.state === "unused" || health === registering) become(checking);
        const failure = await probe(scaled(now.check), address, port);
        checks.throwIfAborted();
        const passed = failure === undefined;
        row = { passed, length: row.passed === passed ? row.length + 1 : 1 };
        become(judged(health, now, row.length, failure));
      }
      await sleep((now?.check.intervalMs ?? 1_000) * scale, undefined, { signal: checks });
    }
  }

  /** A loaded lab is no slow target: a time-out is not scaled below a second. */
  function scaled(check: HealthCheck): HealthCheck {
    return { ...check, timeoutMs: Math.max(1_000, check.timeoutMs * scale) };
  }

  async function drainAway(): Promise<void> {
    const now = await group();
    const served = health.state !== "unused" && now !== undefined;
    leaving.abort();
    if (served) {
      become(draining);
      await sleep(now.drainMs * scale, undefined, { signal: ended.signal });
    }
    ended.abort();
    onGone();
  }

  checkOn().catch(rethrowUnlessAborted(checks));
  return {
    id,
    port,
    address,
    health: () => health,
    drain() {
      if (leaving.signal.aborted) return;
      drainAway().catch(rethrowUnlessAborted(ended.signal));
    },
    forget: () => ended.abort(),
  };
}

/**
 * A new target needs one check that passes; one that was taken out needs `passes` in a row:
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html. A new target of a
 * Network Load Balancer has to "pass the initial health checks":
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html
 */
function judged(before: Health, { check, network }: TargetGroup, inARow: number, failure: ProbeFailure): Health {
  if (failure !== undefined)
    return inARow >= check.failures || before.state === "unhealthy" ? unhealthy(failure) : before;
  const isOneEnough = before.state === "healthy" || (before.state !== "unhealthy" && network !== true);
  return isOneEnough || inARow >= check.passes ? { state: "healthy" } : before;
}

function unhealthy(failure: NonNullable<ProbeFailure>): Health {
  return { state: "unhealthy", ...failure };
}

function rethrowUnlessAborted(signal: AbortSignal) {
  return (error: unknown) => {
    if (!signal.aborted) throw error;
  };
}
