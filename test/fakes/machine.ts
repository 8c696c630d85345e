import type { Machine } from "../../src/ports/machine.ts";

/** A machine that notes what is asked of it, and does not go down by itself. */
export type FakeMachine = Machine & {
  /** `reboot`, `cancel` and `restart UNIT,…`, in order. */
  readonly calls: string[];
  /** Whether an engine has scheduled a reboot. */
  scheduled: boolean;
  /** Throw for a machine that refuses. */
  onReboot: () => void;
  /** What does not come back, and why. */
  readonly broken: Map<string, string>;
};

export function createFakeMachine(): FakeMachine {
  const machine: FakeMachine = {
    calls: [],
    scheduled: false,
    onReboot: () => undefined,
    broken: new Map(),
    hasScheduledReboot: async () => machine.scheduled,
    async reboot() {
      machine.onReboot();
      machine.calls.push("reboot");
    },
    async cancelReboot() {
      machine.scheduled = false;
      machine.calls.push("cancel");
    },
    async restartServices(units) {
      machine.calls.push(`restart ${units.join(",")}`);
      return new Map([...machine.broken].filter(([unit]) => units.includes(unit)));
    },
  };
  return machine;
}
