// How runs and daemon change the instance's state: through the table in domain/instance/transitions.ts.
import type { EventBody } from "../../domain/events.ts";
import { nextState, type StateEvent } from "../../domain/instance/transitions.ts";
import type { InstanceState } from "../../domain/instance/state.ts";
import type { EventBus } from "../event-bus.ts";
import type { StatusKeeper } from "../status-keeper.ts";

type StateChanged = Extract<EventBody, { type: "state-changed" }>;

/** What is said with a change: the reason for people, and what of it has a field. */
export type Said = Omit<StateChanged, "type" | "state" | "trigger">;

/** @returns undefined where the table lists no such change. Pure. */
export function stateChanged(from: InstanceState, trigger: StateEvent, said: Said): StateChanged | undefined {
  const state = nextState(from, trigger);
  return state === undefined ? undefined : { type: "state-changed", state, trigger, ...said };
}

/** Emits the change that the event makes of the current state; nothing where the table lists none. */
export function changeState(
  { status, bus }: { readonly status: Pick<StatusKeeper, "current">; readonly bus: Pick<EventBus, "emit"> },
  trigger: StateEvent,
  said: Said,
  run?: string,
): void {
  const event = stateChanged(status.current().state, trigger, said);
  if (event !== undefined) bus.emit(event, run);
}
