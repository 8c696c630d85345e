import type { Machine } from "../../src/ports/machine.ts";

/** A machine that notes what is asked of it, and does not go down by itself. */
export type FakeMachine = Machine & {
  /** `reboot` and `cancel`, in order. */
  readonly calls: string[];
  /** Whether an engine has scheduled a reboot. */
  scheduled: boolean;
  /** Throw for a machine that refuses. */
  onReboot: () => void;
};

export function createFakeMachine(): FakeMachine {
  const machine: FakeMachine = {
    calls: [],
    scheduled: false,
    onReboot: () => undefined,
    hasScheduledReboot: async () => machine.scheduled,
    async reboot() {
      machine.onReboot();
      machine.calls.push("reboot");
    },
    async cancelReboot() {
      machine.scheduled = false;
      machine.calls.push("cancel");
    },
  };
  return machine;
}
