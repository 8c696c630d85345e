import { describe, expect, test } from "vitest";
import type { Fleet } from "../../src/ports/fleet.ts";

export const self = "i-0a1b2c3d4e5f60718";

/** What a fleet's test can do behind its back. */
export type FleetUnderTest = {
  readonly fleet: Fleet;
  /** An instance of this account, in this state. */
  readonly launch: (id: string, state: string) => void;
};

const { signal } = new AbortController();

/** Every adapter of the port, and its fake, passes this. */
export function fleetSuite(name: string, make: () => FleetUnderTest): void {
  describe(`fleet: ${name}`, () => {
    test.each(["pending", "running", "stopping", "stopped", "shutting-down"])("who is %s is there", async (state) => {
      const { fleet, launch } = make();
      launch(self, "running");
      launch("i-00000001", state);
      expect(Object.fromEntries(await fleet.observe(["i-00000001"], signal))).toEqual({
        "i-00000001": "there",
        [self]: "there",
      });
    });

    test("who is terminated is told, who is not known is absent", async () => {
      const { fleet, launch } = make();
      launch(self, "running");
      launch("i-00000001", "terminated");
      const lives = await fleet.observe(["i-00000001", "i-00000002"], signal);
      expect([lives.get("i-00000001"), lives.has("i-00000002")]).toEqual(["terminated", false]);
    });

    test("an answer without the instance itself is none", async () => {
      const { fleet, launch } = make();
      launch("i-00000001", "terminated");
      const lost = { code: "fleet-not-itself", transient: true };
      await expect(fleet.observe(["i-00000001"], signal)).rejects.toMatchObject(lost);
      launch(self, "terminated");
      await expect(fleet.observe(["i-00000001"], signal)).rejects.toMatchObject(lost);
    });

    test("many are asked about, each answer with the instance itself in it", async () => {
      const { fleet, launch } = make();
      launch(self, "running");
      const ids = Array.from({ length: 450 }, (_, at) => `i-${at.toString(16).padStart(8, "0")}`);
      const living = ids.filter((_, at) => at % 100 === 0);
      for (const id of living) launch(id, "running");
      expect([...(await fleet.observe(ids, signal)).keys()].toSorted()).toEqual([...living, self].toSorted());
    });
  });
}
