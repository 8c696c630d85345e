// Puts the daemon together around an agent. Names no adapter.
import { createBeats } from "../../daemon/controllers/beats.ts";
import type { DaemonDeps } from "../../daemon/deps.ts";
import { guardTags } from "../../daemon/controllers/guarded-tags.ts";
import { createSlotKeeper } from "../../daemon/patching/slot-keeper.ts";
import { createPauseKeeper, pauseChanged, type PauseKeeper } from "../../daemon/pause/pause-keeper.ts";
import { createAnswered } from "../../daemon/controllers/answered.ts";
import { createDepartures } from "../../daemon/controllers/departures.ts";
import type { SweepDeps } from "../../daemon/sweep/sweep.ts";
import type { SettingsInForce } from "../../domain/settings/settings-edits.ts";
import type { ControlServer } from "../../ports/control.ts";
import type { Pulse } from "../../ports/pulse.ts";
import type { RunLock } from "../../ports/run-lock.ts";
import type { Scheduler } from "../../ports/scheduler.ts";
import type { ServiceManager } from "../../ports/service-manager.ts";
import { hasOwnStandby } from "../../scaling-group/standby.ts";
import type { AgentParts } from "./agent.ts";

/** What the daemon alone reaches the world through. */
export type DaemonPorts = {
  readonly control: ControlServer;
  readonly services: ServiceManager;
  readonly pulse: Pulse;
  readonly scheduler: Scheduler;
  /** The settings that it is put together from. */
  readonly inForce: () => Promise<SettingsInForce>;
};

/** @param turns under which the agent's runs are made, one at a time */
export function assembleDaemon(agent: AgentParts, ports: DaemonPorts, turns: RunLock): DaemonDeps {
  const { bus, clock, files, bootId, cloud, settings, status } = agent;
  return {
    ...agent,
    ...cloud,
    ...ports,
    turns,
    pause: pauseKeeperOf(agent),
    tags: { tags: cloud.tagStore, openTags: guardTags(cloud.tagStore, settings.tags) },
    beats: createBeats(clock),
    departures: createDepartures(),
    answered: createAnswered(files, bootId),
    sweeping: sweepingOf(agent),
    ownStandby: () => hasOwnStandby({ ...cloud, files }),
    slots: createSlotKeeper({
      files,
      slots: cloud.slots,
      emit: (event) => bus.emit(event),
      isShown: () => status.current().slot !== undefined,
    }),
    retry: settings.retry.held,
    pollMs: settings.config.pollMs,
  };
}

/** The pause of this agent; each change is an event. */
export function pauseKeeperOf({ bus, clock, files, bootId }: AgentParts): PauseKeeper {
  return createPauseKeeper({ files, clock, bootId, report: (pause, over) => bus.emit(pauseChanged(pause, over)) });
}

/** Absent if the cloud cannot tell which instances live. */
function sweepingOf({ cloud, files, clock, bootId }: AgentParts): SweepDeps | undefined {
  const { fleet, registry, balancer, slots } = cloud;
  return fleet && registry && { fleet, registry, balancer, slots, files, clock, bootId };
}
