import { expect, test, vi } from "vitest";
import { createDepartures } from "../../../../src/daemon/controllers/departures.ts";
import type { Departure } from "../../../../src/domain/membership/departure.ts";

const spot: Departure = { kind: "spot", id: "one", text: "the spot market takes it", deadline: "2026-01-01T00:02:00Z" };
const sick: Departure = { kind: "unhealthy", id: "two", text: "nginx is down" };

test("each source says all that it knows, and nothing of the others", () => {
  const departures = createDepartures();
  departures.report("notices", [spot]);
  departures.report("health", [sick]);
  expect(departures.current()).toEqual([spot, sick]);
  departures.report("notices", []);
  expect(departures.current()).toEqual([sick]);
});

test("what is seen many times is news once", () => {
  const departures = createDepartures();
  const listener = vi.fn<() => void>();
  const end = departures.watch(listener);
  departures.report("notices", [spot]);
  departures.report("notices", [{ ...spot }]);
  expect(listener).toHaveBeenCalledTimes(1);
  departures.report("notices", [{ ...spot, deadline: "2026-01-01T00:01:00Z" }]);
  expect(listener).toHaveBeenCalledTimes(2);
  end();
  departures.report("notices", []);
  expect(listener).toHaveBeenCalledTimes(2);
});

test("the first look is news also where nothing holds: until then nobody knows that something is over", () => {
  const departures = createDepartures();
  const listener = vi.fn<() => void>();
  departures.watch(listener);
  expect(departures.heard("notices")).toBe(false);
  departures.report("notices", []);
  expect([departures.heard("notices"), departures.heard("health")]).toEqual([true, false]);
  expect(listener).toHaveBeenCalledTimes(1);
});
