import { canonical } from "../../domain/text/canonical.ts";
import type { Departure, DepartureKind } from "../../domain/membership/departure.ts";

/** The sources of departures: notices of the cloud, the lifecycle of the Auto Scaling group, and the health watch. */
export type DepartureSource = "notices" | "lifecycle" | "health";

/** The source of each kind of departure. */
export const sourceOf: Readonly<Record<DepartureKind, DepartureSource>> = {
  spot: "notices",
  rebalance: "notices",
  maintenance: "notices",
  "scale-in": "lifecycle",
  standby: "lifecycle",
  unhealthy: "health",
};

/** The departures that hold now. Kept in memory only: the watches report them again after a restart. */
export type Departures = {
  /**
   * Replaces everything that this source has reported; empty when no departure holds. A source that cannot observe does
   * not report.
   */
  report(source: DepartureSource, departures: readonly Departure[]): void;
  current(): readonly Departure[];
  /** Whether the source has reported in this process. Until then, no departure of this source counts as over. */
  heard(source: DepartureSource): boolean;
  /** Calls the listener after each change. Returns a function that ends it. */
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
