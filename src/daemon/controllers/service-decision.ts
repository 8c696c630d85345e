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
export type ServiceInputs = {
  readonly wish: Pick<Wish, "want" | "by" | "bootId"> | undefined;
  readonly bootId: string;
  /** Every reason to be out of service that holds. */
  readonly departures: readonly Departure[];
  /** Whether somebody has looked in this process for departures of this kind. */
  readonly heard: (kind: DepartureKind) => boolean;
  /** Keys of those that the instance has left for; on disk. */
  readonly answered: ReadonlySet<string>;
  /** Of those, the ones of an earlier boot: this one came after what they announced. */
  readonly past: ReadonlySet<string>;
  /** Keys of those that were seen through to the end in this process: commands run, hook completed. */
  readonly seenThrough: ReadonlySet<string>;
  readonly policy: LeavePolicy;
  /** Whether a person paused what muster does of its own accord. */
  readonly paused: boolean;
  readonly nowMs: number;
};

export type ServiceDecision =
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
export function decideService(inputs: ServiceInputs): ServiceDecision {
  const { departures, answered, seenThrough, wish, nowMs } = inputs;
  const reasons = departures.filter((departure) => takesOut(departure, inputs));
  const due = reasons.filter((departure) => dueMs(departure, inputs) <= nowMs).toSorted(byUrgency);
  // Whom somebody brought back since is not taken out again by an agent that was restarted.
  const isLeft = wish?.want === "out" && wish.by !== "run";
  const open = due.find((departure) => {
    const key = departureKey(departure);
    return !answered.has(key) || (isLeft && endsMachine(departure) && !seenThrough.has(key));
  });
  if (open !== undefined) return { do: "leave", departure: open };
  return undo(due, inputs) ?? wait(reasons, nowMs, inputs);
}

function takesOut(departure: Departure, inputs: ServiceInputs): boolean {
  const { policy, paused, answered } = inputs;
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
      // A pause keeps it from leaving, and brings nobody back, nor whoever has begun to leave.
      return !paused || answered.has(departureKey(departure)) || tookOut(inputs) === "health";
  }
}

/** Maintenance is announced weeks ahead; everything else is acted on at once. */
function dueMs({ kind, deadline }: Departure, { policy }: ServiceInputs): number {
  if (kind !== "maintenance" || deadline === undefined) return -Infinity;
  return Date.parse(deadline) - policy.limitMs - maintenanceMarginMs;
}

/** Who goes first: in the order of the kinds, which is that of the time there is; of one kind, by its deadline. */
function byUrgency(one: Departure, other: Departure): number {
  const difference = departureKinds.indexOf(one.kind) - departureKinds.indexOf(other.kind);
  return difference === 0 ? deadlineMs(one) - deadlineMs(other) : difference;
}

function deadlineMs({ deadline }: Departure): number {
  return deadline === undefined ? 0 : Date.parse(deadline);
}

/** What was answered and is over is undone once whoever told of it has looked again. */
function undo(due: readonly Departure[], inputs: ServiceInputs): ServiceDecision | undefined {
  const { answered, past, heard } = inputs;
  const still = new Set(due.map(departureKey));
  const gone = [...answered].filter((key) => !still.has(key));
  const known = (key: string) => {
    const kind = kindOf(key);
    return kind === undefined || heard(kind);
  };
  const over = gone.filter(known);
  const by = tookOut(inputs);
  if (by === undefined) return over.length === 0 ? undefined : { do: "forget", over };
  // Failing checks take out what serves in spite of every notice that was answered before.
  const keepsOut = (departure: Departure) =>
    !past.has(departureKey(departure)) && (by === "notice" || departure.kind === "unhealthy");
  if (due.some(keepsOut)) return undefined;
  // What took it out may not have been noted: everybody who could have told of it has to have looked.
  const asked = by === "health" ? heard("unhealthy") : heard("spot") && heard("scale-in");
  return asked && [...answered].every(known) ? { do: "return", by, over } : undefined;
}

/** Who of those that are decided about here took it out, in this boot. */
function tookOut({ wish, bootId }: ServiceInputs): "notice" | "health" | undefined {
  if (wish?.want !== "out" || wish.bootId !== bootId) return undefined;
  return wish.by === "notice" || wish.by === "health" ? wish.by : undefined;
}

function wait(reasons: readonly Departure[], nowMs: number, inputs: ServiceInputs): ServiceDecision {
  const times = reasons.map((departure) => dueMs(departure, inputs)).filter((time) => time > nowMs);
  return times.length === 0 ? { do: "stay" } : { do: "stay", untilMs: Math.min(...times) };
}
