import type { EventBody } from "../../src/domain/run/events.ts";
import type { InstanceState } from "../../src/domain/instance/state.ts";
import { nextState, type StateEvent } from "../../src/domain/instance/transitions.ts";

/** What leads to a state from most others. */
const leadsTo: Readonly<Record<InstanceState, StateEvent>> = {
  new: "booted",
  starting: "run-began",
  "in-service": "gates-passed",
  held: "run-impossible",
  "out-of-service": "kept-out",
  leaving: "leave-began",
  rebooting: "reboot-planned",
};

/** The event that brings an instance from one state to another. @throws where no usual event does */
export function stateChange(from: InstanceState, state: InstanceState, reason = "a test"): EventBody {
  const trigger = leadsTo[state];
  if (nextState(from, trigger) !== state) throw new Error(`${trigger} does not lead from ${from} to ${state}`);
  return { type: "state-changed", state, trigger, reason };
}
