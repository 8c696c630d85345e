import type { Departure } from "../../domain/membership/departure.ts";
import {
  afterRound,
  checksOf,
  failingNames,
  interrupted,
  passedGates,
  isWorthReporting,
  healthStateAt,
  type HealthReport,
  type Round,
  type TieredCheck,
  type HealthState,
} from "../../domain/health/health.ts";
import { createPacedGate } from "../../lib/async/report.ts";
import type { DaemonDeps } from "../deps.ts";
import { staysSo, untilStatus } from "../until-status.ts";

type Deps = Pick<DaemonDeps, "duty" | "status" | "membership" | "bus" | "clock" | "departures" | "prober">;

/** What a check saw changes with every round: it is reported, and written to disk, no more often than this. */
const reportSeenMs = 60_000;

/**
 * Makes the role's checks while the instance serves, or is out because of them, and reports whether it is healthy. It
 * never acts. No checks while a run is under way: services that it restarts are not unhealthy, and the run has a gate
 * of its own.
 */
export async function watchHealth(deps: Deps, signal: AbortSignal): Promise<void> {
  const { duty } = deps;
  const report = createHealthReporter(deps);
  let healthState: HealthState | undefined;
  while (true) {
    const watchState = watchStateOf(deps);
    const role = duty.current()?.role;
    if (watchState !== "watched" || role === undefined) {
      if (watchState === "unwatched") {
        healthState = undefined;
        report(undefined);
      }
      await untilStatus(deps, () => watchStateOf(deps) !== watchState, signal);
      if (healthState !== undefined && watchStateOf(deps) === "watched") {
        healthState = afterPause(healthState, deps);
        report(healthState);
      }
      continue;
    }
    if (healthState === undefined) {
      healthState = beginning(deps);
      if (!healthState.healthy) report(healthState);
    }
    const run = deps.status.current().run?.id;
    const round = await makeRound(checksOf(role.health), deps, signal);
    // Services that a run has stopped meanwhile do not count as failures.
    if (watchStateOf(deps) === "watched" && deps.status.current().run?.id === run) {
      healthState = afterRound(healthState, round, role.health);
      report(healthState);
    }
    // Stop health checks as soon as an operator drains the instance. On the way back the wish passes through other
    // states.
    await staysSo(deps, () => !isOutByHand(deps), role.health.everyMs, signal);
  }
}

/** Whether the checks count now; `paused` keeps the health state until they count again. */
function watchStateOf({ duty, status, membership }: Deps): "watched" | "paused" | "unwatched" {
  const { run, state } = status.current();
  const { wish } = membership.status();
  const role = duty.current()?.role;
  if (role === undefined || wish === undefined || checksOf(role.health).length === 0) return "unwatched";
  // While the instance comes back, its wish passes through others: an instance that flaps keeps its history.
  if (wish.joining === true) return "paused";
  // An instance that is out for a departure comes back only if it is healthy then.
  if (wish.want === "out" && wish.by !== "health" && wish.by !== "notice") return "unwatched";
  const isUnderWay = run?.finished === false || (wish.want === "in" && state !== "in-service");
  return isUnderWay ? "paused" : "watched";
}

function isOutByHand({ membership }: Deps): boolean {
  const { wish } = membership.status();
  return wish?.want === "out" && (wish.by === "operator" || wish.by === "shutdown");
}

/** An instance that had to stay in service is healthy again once its run has passed every gate. */
function afterPause(healthState: HealthState, { status, membership, clock }: Deps): HealthState {
  const serves = status.current().run?.end === "in-service" && membership.status().wish?.want === "in";
  return serves ? passedGates(interrupted(healthState), clock.now().toISOString()) : interrupted(healthState);
}

/** If an earlier process took the instance out for its health, it counts as unhealthy until it has risen. */
function beginning({ status, membership, clock }: Deps): HealthState {
  const { wish } = membership.status();
  const { health } = status.current();
  const checks = health?.checks ?? [];
  if (wish?.want === "out" && wish.by === "health") {
    return { ...healthStateAt(false, health?.healthy === false ? health.since : wish.since), checks };
  }
  return { ...healthStateAt(true, clock.now().toISOString()), checks };
}

/** Makes every check once, in parallel; each ends within its own time-out. */
async function makeRound(checks: readonly TieredCheck[], { prober, clock }: Deps, signal: AbortSignal): Promise<Round> {
  const results = await Promise.all(
    checks.map(async (one) => {
      const { target, pacing } = one.check;
      return { ...one, result: await prober.probe(target, pacing.timeoutMs, signal) };
    }),
  );
  return { results, at: clock.now().toISOString(), monotonicMs: clock.monotonicMs() };
}

/** Reports changes to the status, and the departure while the instance is unhealthy. */
function createHealthReporter({
  bus,
  status,
  departures,
  clock,
}: Deps): (healthState: HealthState | undefined) => void {
  let departure: Departure | undefined;
  const reported = createPacedGate<HealthReport>(
    { matters: isWorthReporting, differs: seenDiffers, everyMs: reportSeenMs },
    () => clock.monotonicMs(),
  );
  return (healthState) => {
    if (healthState === undefined) {
      departure = undefined;
      reported.isNew(undefined);
      if (status.current().health !== undefined) bus.emit({ type: "health-changed" });
      return departures.report("health", []);
    }
    const { healthy, since, checks } = healthState;
    const report = { healthy, since, checks };
    if (reported.isNew(report)) bus.emit({ type: "health-changed", health: report });
    // Keep the text of the moment when the instance became unhealthy: a text that changes would be written each time.
    if (healthy) departure = undefined;
    else departure ??= { kind: "unhealthy", id: `unhealthy ${since}`, text: reasonToLeave(checks) };
    departures.report("health", departure === undefined ? [] : [departure]);
  };
}

/** The reason goes into a tag that the whole account may read: what the checks saw stays in the health report. */
function reasonToLeave(checks: HealthState["checks"]): string {
  return `not healthy: ${failingNames(checks) ?? "its checks pass again, and have to go on passing"}`;
}

function seenDiffers(before: HealthReport, now: HealthReport): boolean {
  return now.checks.some(({ seen }, at) => before.checks[at]?.seen !== seen);
}
