/**
 * A reason for this instance to be out of service that holds now. Watches report all that hold, as often as they
 * look; one place decides what follows.
 */
export type Departure = {
  readonly kind: DepartureKind;
  /** The same for as long as it is the same reason: what was answered once is not answered again. */
  readonly id: string;
  /** One plain sentence for status, tags and the log. */
  readonly text: string;
  /** When the machine is taken away, or begins to be worked on; ISO 8601. Absent: nobody says. */
  readonly deadline?: string;
};

/** In this order they are left for. */
export const departureKinds = [
  /** The spot market takes the machine back. */
  "spot",
  /** The Auto Scaling group terminates it, and a termination hook may wait. */
  "scale-in",
  /** The cloud restarts, stops or retires the machine at a time that it says. */
  "maintenance",
  /** A person took it out, in its Auto Scaling group; over when that person ends it. */
  "standby",
  /** The spot market may soon take it back. */
  "rebalance",
  /** Its checks fail while it is in service. */
  "unhealthy",
] as const;

export type DepartureKind = (typeof departureKinds)[number];

/** What tells one departure from all others; its kind can be read from it. */
export function departureKey({ kind, id }: Pick<Departure, "kind" | "id">): string {
  return `${kind} ${id}`;
}

/** Undefined for what no muster wrote. */
export function kindOf(key: string): DepartureKind | undefined {
  return departureKinds.find((kind) => key.startsWith(`${kind} `));
}

/** Whether the machine goes, or restarts: what has to happen before that happens now. */
export function endsMachine({ kind }: Pick<Departure, "kind">): boolean {
  return kind === "spot" || kind === "scale-in" || kind === "maintenance";
}
