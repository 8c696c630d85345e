import {
  departureKey,
  departureKinds,
  endsMachine,
  kindOf,
  type Departure,
  type DepartureKind,
} from "../../domain/departure.ts";
import type { Wish } from "../../domain/membership.ts";
import type { LeavePolicy } from "../../domain/role.ts";

/** Everything that the decision is made from, as it is now: a daemon that was restarted decides the same. */
export type Standing = {
  readonly wish: Pick<Wish, "want" | "by" | "bootId"> | undefined;
  readonly bootId: string;
  /** Every reason to be out of service that holds. */
  readonly departures: readonly Departure[];
  /** Whether somebody has looked in this process for departures of this kind. */
  readonly heard: (kind: DepartureKind) => boolean;
  /** Keys of those that the instance has left for; on disk. */
  readonly answered: ReadonlySet<string>;
  /** Keys of those that were seen through to the end in this process: commands run, hook completed. */
  readonly seenThrough: ReadonlySet<string>;
  readonly policy: LeavePolicy;
  /** Whether a person paused what muster does of its own accord. */
  readonly paused: boolean;
  readonly nowMs: number;
};

export type Decision =
  /** Nothing, until something changes or that time comes. */
  | { readonly do: "stay"; readonly untilMs?: number }
  | { readonly do: "leave"; readonly departure: Departure }
  /** Whatever took it out is over. */
  | { readonly do: "return"; readonly by: "notice" | "health"; readonly over: readonly string[] }
  /** The same, where it is somebody else who keeps it out, or nobody. */
  | { readonly do: "forget"; readonly over: readonly string[] };

/** Before maintenance begins the instance has left with this to spare, in milliseconds. */
const maintenanceMarginMs = 60_000;

/**
 * What follows from the reasons to be out of service that hold now. Pure.
 *
 * Each is answered once, however often it is seen; what is over is undone. Who keeps the instance out by a stronger
 * wish is not overruled: leaving then only sees to what has to happen before the machine goes.
 */
export function decide(standing: Standing): Decision {
  const { departures, answered, seenThrough, nowMs } = standing;
  const reasons = departures.filter((departure) => takesOut(departure, standing));
  const due = reasons.filter((departure) => dueMs(departure, standing) <= nowMs).toSorted(byUrgency);
  const open = due.find((departure) => {
    const key = departureKey(departure);
    return !answered.has(key) || (endsMachine(departure) && !seenThrough.has(key));
  });
  if (open !== undefined) return { do: "leave", departure: open };
  return undo(due, standing) ?? wait(reasons, nowMs, standing);
}

function takesOut(departure: Departure, { policy, paused, answered }: Standing): boolean {
  switch (departure.kind) {
    case "spot":
    case "scale-in":
    case "standby":
      return true;
    case "rebalance":
      return policy.rebalance === "drain";
    case "maintenance":
      return policy.maintenance === "drain";
    case "unhealthy":
      // A pause keeps it from leaving, and brings nobody back.
      return !paused || answered.has(departureKey(departure));
  }
}

/** Maintenance is announced weeks ahead; everything else is acted on at once. */
function dueMs({ kind, deadline }: Departure, { policy }: Standing): number {
  if (kind !== "maintenance" || deadline === undefined) return -Infinity;
  return Date.parse(deadline) - policy.limitMs - maintenanceMarginMs;
}

/** Who goes first: what has a time, by that; then in the order of the kinds. */
function byUrgency(one: Departure, other: Departure): number {
  const difference = deadlineMs(one) - deadlineMs(other);
  if (Number.isFinite(difference) && difference !== 0) return difference;
  if ((one.deadline === undefined) !== (other.deadline === undefined)) return one.deadline === undefined ? 1 : -1;
  return departureKinds.indexOf(one.kind) - departureKinds.indexOf(other.kind);
}

function deadlineMs({ deadline }: Departure): number {
  return deadline === undefined ? Infinity : Date.parse(deadline);
}

/** What was answered and is over is undone once whoever told of it has looked again. */
function undo(due: readonly Departure[], { wish, bootId, answered, heard }: Standing): Decision | undefined {
  const still = new Set(due.map(departureKey));
  const gone = [...answered].filter((key) => !still.has(key));
  const known = (key: string) => {
    const kind = kindOf(key);
    return kind === undefined || heard(kind);
  };
  const over = gone.filter(known);
  const tookOut = wish?.want === "out" && wish.bootId === bootId && (wish.by === "notice" || wish.by === "health");
  if (!tookOut) return over.length === 0 ? undefined : { do: "forget", over };
  const asked = answered.size > 0 ? [...answered].every(known) : heard(wish.by === "health" ? "unhealthy" : "spot");
  return due.length === 0 && asked ? { do: "return", by: wish.by, over } : undefined;
}

function wait(reasons: readonly Departure[], nowMs: number, standing: Standing): Decision {
  const times = reasons.map((departure) => dueMs(departure, standing)).filter((time) => time > nowMs);
  return times.length === 0 ? { do: "stay" } : { do: "stay", untilMs: Math.min(...times) };
}
