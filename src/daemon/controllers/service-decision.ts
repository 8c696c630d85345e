import {
  departureKey,
  departureKinds,
  endsMachine,
  kindOf,
  type Departure,
  type DepartureKind,
} from "../../domain/membership/departure.ts";
import type { Wish } from "../../domain/membership/membership.ts";
import type { LeavePolicy } from "../../domain/role/role.ts";

/** All inputs of the decision. They are on disk or observed again, so a restarted daemon decides the same. */
export type ServiceInputs = {
  readonly wish: Pick<Wish, "want" | "by" | "bootId"> | undefined;
  readonly bootId: string;
  /** Every departure that holds. */
  readonly departures: readonly Departure[];
  /** Whether the source of this kind has reported in this process. */
  readonly heard: (kind: DepartureKind) => boolean;
  /** Keys of the departures that the instance has left for; on disk. */
  readonly answered: ReadonlySet<string>;
  /** Answered departures of an earlier boot: this boot came after the event that they announced. */
  readonly past: ReadonlySet<string>;
  /** Keys of the departures that this process has completed: commands run, hook completed. */
  readonly seenThrough: ReadonlySet<string>;
  readonly policy: LeavePolicy;
  /** Whether an operator has paused the automatic actions. */
  readonly paused: boolean;
  readonly nowMs: number;
};

export type ServiceDecision =
  /** No action until an input changes or that time comes. */
  | { readonly do: "stay"; readonly untilMs?: number }
  | { readonly do: "leave"; readonly departure: Departure }
  /** The departures that took the instance out are over. */
  | { readonly do: "return"; readonly by: "notice" | "health"; readonly over: readonly string[] }
  /** The answered departures are over, and another wish decides about service. */
  | { readonly do: "forget"; readonly over: readonly string[] };

/** The instance has left this long before maintenance begins, in milliseconds. */
const maintenanceMarginMs = 60_000;

/**
 * Decides what follows from the departures that hold now. Pure.
 *
 * Each departure is answered once, however often it is reported, and undone when it is over. A stronger wish stays in
 * force: then leaving only prepares for the end of the machine (commands, hook).
 */
export function decideService(inputs: ServiceInputs): ServiceDecision {
  const { departures, answered, seenThrough, wish, nowMs } = inputs;
  const reasons = departures.filter((departure) => takesOut(departure, inputs));
  const due = reasons.filter((departure) => dueMs(departure, inputs) <= nowMs).toSorted(byUrgency);
  // An operator may have brought the instance back since: a restarted agent does not take it out again.
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
      // During a pause the instance does not leave for its health. A leave that has begun is still finished, and an
      // instance that is out stays out.
      return !paused || answered.has(departureKey(departure)) || tookOut(inputs) === "health";
  }
}

/** Maintenance is announced weeks ahead; every other departure is due at once. */
function dueMs({ kind, deadline }: Departure, { policy }: ServiceInputs): number {
  if (kind !== "maintenance" || deadline === undefined) return -Infinity;
  return Date.parse(deadline) - policy.limitMs - maintenanceMarginMs;
}

/** Most urgent first: by the order of the kinds, then by deadline. */
function byUrgency(one: Departure, other: Departure): number {
  const difference = departureKinds.indexOf(one.kind) - departureKinds.indexOf(other.kind);
  return difference === 0 ? deadlineMs(one) - deadlineMs(other) : difference;
}

function deadlineMs({ deadline }: Departure): number {
  return deadline === undefined ? 0 : Date.parse(deadline);
}

/** Undo a departure only after its source has reported again. */
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
  // Answered departures do not keep an unhealthy instance in service, so only health keeps it out here.
  const keepsOut = (departure: Departure) =>
    !past.has(departureKey(departure)) && (by === "notice" || departure.kind === "unhealthy");
  if (due.some(keepsOut)) return undefined;
  // The mark of the answered departure may be missing: every possible source must have reported.
  const asked = by === "health" ? heard("unhealthy") : heard("spot") && heard("scale-in");
  return asked && [...answered].every(known) ? { do: "return", by, over } : undefined;
}

/** Whether a departure or the health watch took the instance out in this boot. */
function tookOut({ wish, bootId }: ServiceInputs): "notice" | "health" | undefined {
  if (wish?.want !== "out" || wish.bootId !== bootId) return undefined;
  return wish.by === "notice" || wish.by === "health" ? wish.by : undefined;
}

function wait(reasons: readonly Departure[], nowMs: number, inputs: ServiceInputs): ServiceDecision {
  const times = reasons.map((departure) => dueMs(departure, inputs)).filter((time) => time > nowMs);
  return times.length === 0 ? { do: "stay" } : { do: "stay", untilMs: Math.min(...times) };
}
