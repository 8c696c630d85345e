import type { Departure } from "../../domain/departure.ts";
import {
  afterRound,
  checksOf,
  failingNames,
  interrupted,
  passedGates,
  tellsMore,
  vitalsAt,
  type HealthReport,
  type Round,
  type TieredCheck,
  type Vitals,
} from "../../domain/health.ts";
import { createPacedGate } from "../../lib/async/report.ts";
import type { DaemonDeps } from "../deps.ts";
import { staysSo, untilStatus } from "../until-status.ts";

type Deps = Pick<DaemonDeps, "duty" | "status" | "membership" | "bus" | "clock" | "departures" | "prober">;

/** What a check happens to see changes with every look: it is told, and written to disk, no more often than this. */
const tellSeenMs = 60_000;

/**
 * Makes the role's checks again and again while the instance serves, or is out because of them, and reports whether
 * it is fit to serve. Never acts. While a run is at work none is made: what it restarts is not sick, and it has a
 * gate of its own.
 */
export async function watchHealth(deps: Deps, signal: AbortSignal): Promise<void> {
  const { duty } = deps;
  const tell = createTeller(deps);
  let vitals: Vitals | undefined;
  while (true) {
    const standing = standingOf(deps);
    const role = duty.current()?.role;
    if (standing !== "watched" || role === undefined) {
      if (standing === "unwatched") {
        vitals = undefined;
        tell(undefined);
      }
      await untilStatus(deps, () => standingOf(deps) !== standing, signal);
      if (vitals !== undefined && standingOf(deps) === "watched") {
        vitals = afterPause(vitals, deps);
        tell(vitals);
      }
      continue;
    }
    if (vitals === undefined) {
      vitals = beginning(deps);
      if (!vitals.healthy) tell(vitals);
    }
    const run = deps.status.current().run?.id;
    const round = await makeRound(checksOf(role.health), deps, signal);
    // What a run that began meanwhile has stopped is not held against it.
    if (standingOf(deps) === "watched" && deps.status.current().run?.id === run) {
      vitals = afterRound(vitals, round, role.health);
      tell(vitals);
    }
    // Whom a person takes out is watched no more, at once; a return passes through other wishes on its way.
    await staysSo(deps, () => !isOutByHand(deps), role.health.everyMs, signal);
  }
}

/** Whether the checks count now: `paused` keeps what is known for when they do again. */
function standingOf({ duty, status, membership }: Deps): "watched" | "paused" | "unwatched" {
  const { run, state } = status.current();
  const { wish } = membership.status();
  const role = duty.current()?.role;
  if (role === undefined || wish === undefined || checksOf(role.health).length === 0) return "unwatched";
  // Out for a notice that may be taken back, it comes back only if it is healthy then.
  if (wish.want === "out" && wish.by !== "health" && wish.by !== "notice") return "unwatched";
  // On its way in, too: it comes and goes, and that is not forgotten with every coming.
  const isUnderWay = run?.finished === false || (wish.want === "in" && state !== "in-service");
  return isUnderWay ? "paused" : "watched";
}

function isOutByHand({ membership }: Deps): boolean {
  const { wish } = membership.status();
  return wish?.want === "out" && (wish.by === "operator" || wish.by === "shutdown");
}

/** An instance that had to stay, and whose run has passed every gate meanwhile, is healthy again. */
function afterPause(vitals: Vitals, { status, membership, clock }: Deps): Vitals {
  const serves = status.current().run?.end === "in-service" && membership.status().wish?.want === "in";
  return serves ? passedGates(interrupted(vitals), clock.now().toISOString()) : interrupted(vitals);
}

/** An instance that an earlier process took out for its health is not well before it has risen. */
function beginning({ status, membership, clock }: Deps): Vitals {
  const { wish } = membership.status();
  const { health } = status.current();
  const checks = health?.checks ?? [];
  if (wish?.want === "out" && wish.by === "health") {
    return { ...vitalsAt(false, health?.healthy === false ? health.since : wish.since), checks };
  }
  return { ...vitalsAt(true, clock.now().toISOString()), checks };
}

/** Every check once, side by side; each ends within its own time-out. */
async function makeRound(checks: readonly TieredCheck[], { prober, clock }: Deps, signal: AbortSignal): Promise<Round> {
  const results = await Promise.all(
    checks.map(async (one) => {
      const { target, pacing } = one.check;
      return { ...one, result: await prober.probe(target, pacing.timeoutMs, signal) };
    }),
  );
  return { results, at: clock.now().toISOString(), monotonicMs: clock.monotonicMs() };
}

/** Tells the status what is new, and the departures whether there is a reason to leave. */
function createTeller({ bus, status, departures, clock }: Deps): (vitals: Vitals | undefined) => void {
  let departure: Departure | undefined;
  const reported = createPacedGate<HealthReport>(
    { matters: tellsMore, differs: seenDiffers, everyMs: tellSeenMs },
    () => clock.monotonicMs(),
  );
  return (vitals) => {
    if (vitals === undefined) {
      departure = undefined;
      reported.isNew(undefined);
      if (status.current().health !== undefined) bus.emit({ type: "health-changed" });
      return departures.report("health", []);
    }
    const { healthy, since, checks } = vitals;
    const report = { healthy, since, checks };
    if (reported.isNew(report)) bus.emit({ type: "health-changed", health: report });
    // In the words of the moment when it fell: a reason that changes with every look would be written with every look.
    if (healthy) departure = undefined;
    else departure ??= { kind: "unhealthy", id: `unhealthy ${since}`, text: reasonToLeave(checks) };
    departures.report("health", departure === undefined ? [] : [departure]);
  };
}

/** It goes into a tag, which everybody in the account may read: what the checks saw is in the health report. */
function reasonToLeave(checks: Vitals["checks"]): string {
  return `not healthy: ${failingNames(checks) ?? "its checks pass again, and have to go on passing"}`;
}

function seenDiffers(before: HealthReport, now: HealthReport): boolean {
  return now.checks.some(({ seen }, at) => before.checks[at]?.seen !== seen);
}
