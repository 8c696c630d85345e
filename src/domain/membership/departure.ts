/**
 * A departure: a reason for this instance to be out of service that holds now. Watches report every departure that
 * holds, each time they observe; the service controller decides what follows.
 */
export type Departure = {
  readonly kind: DepartureKind;
  /** The same id as long as it is the same reason: a departure is answered once. */
  readonly id: string;
  /** One plain sentence for status, tags and the log. */
  readonly text: string;
  /** When the machine is taken away, or maintenance begins; ISO 8601. Absent: not announced. */
  readonly deadline?: string;
  /** When it was announced, ISO 8601. Absent: not said. */
  readonly since?: string;
};

/** The instance serves on, and begins no run and no patching by itself, because the cloud may soon take the machine. */
export type Cordon = {
  /** One plain sentence. */
  readonly reason: string;
  /** ISO 8601, both: when the cloud announced it, and when the cordon ends by itself. */
  readonly since: string;
  readonly until: string;
};

/** The most urgent kind first. */
export const departureKinds = [
  /** The spot market takes the machine back. */
  "spot",
  /** The Auto Scaling group terminates it, and a termination hook may wait. */
  "scale-in",
  /** The cloud restarts, stops or retires the machine at an announced time. */
  "maintenance",
  /** An operator put the instance into standby in its Auto Scaling group, or detached it; over when the operator ends it. */
  "standby",
  /** The spot market may soon take it back. */
  "rebalance",
  /** Its checks fail while it is in service. */
  "unhealthy",
] as const;

export type DepartureKind = (typeof departureKinds)[number];

/** A key that differs for every departure; the kind can be read from it. */
export function departureKey({ kind, id }: Pick<Departure, "kind" | "id">): string {
  return `${kind} ${id}`;
}

/** Undefined for a key that muster did not write. */
export function kindOf(key: string): DepartureKind | undefined {
  return departureKinds.find((kind) => key.startsWith(`${kind} `));
}

/** Whether the machine goes or restarts: the commands before the stop have to run now. */
export function endsMachine({ kind }: Pick<Departure, "kind">): boolean {
  return kind === "spot" || kind === "scale-in" || kind === "maintenance";
}
