import { canonical } from "../../domain/canonical.ts";
import type { Departure, DepartureKind } from "../../domain/departure.ts";

/** Who reports: what the cloud announces, where Auto Scaling wants the instance, and its own checks. */
export type DepartureSource = "notices" | "lifecycle" | "health";

/** Which source tells of which kind. */
export const sourceOf: Readonly<Record<DepartureKind, DepartureSource>> = {
  spot: "notices",
  rebalance: "notices",
  maintenance: "notices",
  "scale-in": "lifecycle",
  standby: "lifecycle",
  unhealthy: "health",
};

/** The reasons to be out of service that hold now. Not on disk: whoever watches reports them again. */
export type Departures = {
  /** Everything that this source knows of now; empty when nothing holds. A source that cannot look reports nothing. */
  report(source: DepartureSource, departures: readonly Departure[]): void;
  current(): readonly Departure[];
  /** Whether a source has looked in this process: before that, nothing that it once told is known to be over. */
  heard(source: DepartureSource): boolean;
  /** Calls when something has changed. Returns how to end it. */
  watch(listener: () => void): () => void;
};

export function createDepartures(): Departures {
  const reported = new Map<DepartureSource, readonly Departure[]>();
  const listeners = new Set<() => void>();
  return {
    report(source, departures) {
      const before = reported.get(source);
      if (before !== undefined && canonical(before) === canonical(departures)) return;
      reported.set(source, [...departures]);
      for (const listener of listeners) listener();
    },
    current: () => [...reported.values()].flat(),
    heard: (source) => reported.has(source),
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
