// How runs and daemon change the instance's state: through the table in domain/instance/transitions.ts.
import type { EventBody } from "../../domain/run/events.ts";
import type { InstanceState } from "../../domain/instance/state.ts";
import { nextState, type StateEvent } from "../../domain/instance/transitions.ts";
import type { EventBus } from "./event-bus.ts";

type StateChanged = Extract<EventBody, { type: "state-changed" }>;

/** What changes the state, the reason for people, and what of that reason has a field. */
export type Change = Omit<StateChanged, "type" | "state" | "trigger"> & { readonly trigger: StateEvent };

/** @returns undefined if the table lists no such change. Pure. */
export function stateChanged(from: InstanceState, change: Change): StateChanged | undefined {
  const state = nextState(from, change.trigger);
  return state === undefined ? undefined : { type: "state-changed", state, ...change };
}

/** Emits the change of the current state; nothing where the table lists none. */
export function changeState(
  {
    status,
    bus,
  }: { readonly status: { current(): { readonly state: InstanceState } }; readonly bus: Pick<EventBus, "emit"> },
  change: Change,
  run?: string,
): void {
  const event = stateChanged(status.current().state, change);
  if (event !== undefined) bus.emit(event, run);
}
