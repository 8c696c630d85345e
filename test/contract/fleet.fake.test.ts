import { createFakeFleet } from "../fakes/fleet.ts";
import { fleetSuite, self } from "./fleet.suite.ts";

fleetSuite("fake", () => {
  const fleet = createFakeFleet(self);
  return { fleet, launch: (id, state) => void fleet.states.set(id, state) };
});
