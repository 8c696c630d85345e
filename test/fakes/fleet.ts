import { MusterError } from "../../src/domain/errors/errors.ts";
import type { Fleet } from "../../src/ports/fleet.ts";

/** An account's instances in memory. */
export type FakeFleet = Fleet & {
  /** Their states, as EC2 names them, by id. */
  readonly states: Map<string, string>;
  /** How often it was asked. */
  looks: number;
  /** Thrown by every call while it is set. */
  trouble: MusterError | undefined;
};

export function createFakeFleet(self: string): FakeFleet {
  const fake: FakeFleet = {
    states: new Map(),
    looks: 0,
    trouble: undefined,
    async observe(instances, signal) {
      signal.throwIfAborted();
      fake.looks += 1;
      if (fake.trouble !== undefined) throw fake.trouble;
      const known = [self, ...instances].flatMap((id) => {
        const state = fake.states.get(id);
        return state === undefined ? [] : [[id, state === "terminated" ? "terminated" : "there"] as const];
      });
      const lives = new Map(known);
      if (lives.get(self) === "there") return lives;
      throw new MusterError({ code: "fleet-not-itself", message: "not itself", hint: "Wait.", transient: true });
    },
  };
  return fake;
}
