import type { Membership } from "../../membership/membership.ts";
import type { Clock } from "../../ports/clock.ts";
import type { EventBus } from "./event-bus.ts";
import type { StatusKeeper } from "./status-keeper.ts";
import { deriveStatus, type Known } from "./derive-status.ts";

type Deps = {
  readonly bus: Pick<EventBus, "emit">;
  readonly status: Pick<StatusKeeper, "current">;
  readonly membership: Pick<Membership, "status">;
  readonly clock: Pick<Clock, "now">;
};

/** Emits what the status lacks by what is known now: of the last run, of the world, and of the desired membership. */
export function resyncStatus(deps: Deps, known: Pick<Known, "ended" | "agrees">): void {
  const status = deps.status.current();
  const at = deps.clock.now().toISOString();
  const membership = deps.membership.status();
  const { events } = deriveStatus({ status, bootId: status.bootId, at, membership, ...known });
  for (const event of events) deps.bus.emit(event, event.run);
}
