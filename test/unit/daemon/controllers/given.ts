import type { ServiceInputs } from "../../../../src/daemon/controllers/service-decision.ts";
import { departureKey, type Departure } from "../../../../src/domain/membership/departure.ts";
import { usualLeave } from "../../../../src/domain/membership/leaving.ts";

export const now = Date.parse("2026-01-01T00:00:00Z");
export const at = (seconds: number): string => new Date(now + seconds * 1000).toISOString();

export const inService = { want: "in", by: "run", bootId: "now" } as const;
export const outBy = (by: "notice" | "health" | "operator" | "shutdown" | "patch" | "run", bootId = "now") =>
  ({ want: "out", by, bootId }) as const;
export const keys = (...departures: readonly Departure[]) => new Set(departures.map(departureKey));

export function inputs(over: Partial<ServiceInputs> = {}): ServiceInputs {
  return {
    wish: inService,
    bootId: "now",
    departures: [],
    heard: () => true,
    answered: new Set(),
    past: new Set(),
    seenThrough: new Set(),
    policy: usualLeave,
    paused: false,
    nowMs: now,
    ...over,
  };
}
