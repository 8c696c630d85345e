// Puts the agent together from ports: the daemon's, a command's in process, and that of a test. Names no adapter.
import type { Choose } from "../../daemon/watches/tag-change.ts";
import { passingTags } from "../../domain/instance/passing-tags.ts";
import { select } from "../../domain/role/selection.ts";
import type { SettingsEdit } from "../../domain/settings/settings-edits.ts";
import type { Provenance, Settings } from "../../domain/settings/settings.ts";
import { createMembership, type Membership } from "../../membership/membership.ts";
import type { Clock } from "../../ports/clock.ts";
import type { CloudPorts } from "../../ports/cloud.ts";
import type { CommandWatch } from "../../ports/command-watch.ts";
import type { ConfigRepo } from "../../ports/config-repo.ts";
import type { Engines } from "../../ports/engine.ts";
import type { Machine } from "../../ports/machine.ts";
import type { MachineFiles } from "../../ports/machine-files.ts";
import type { Intervals } from "../../ports/pace.ts";
import type { PackageManager } from "../../ports/package-manager.ts";
import type { Prober } from "../../ports/prober.ts";
import type { RunLock } from "../../ports/run-lock.ts";
import type { StateFiles } from "../../ports/state-files.ts";
import type { UnitRunner } from "../../ports/unit-runner.ts";
import { createDutyKeeper, type DutyKeeper } from "../../run/state/duty.ts";
import type { EventBus } from "../../run/state/event-bus.ts";
import { createExecutor, type Executor } from "../../run/spine/executor.ts";
import { createStatusKeeper, type StatusKeeper } from "../../run/state/status-keeper.ts";
import { createCatalogueReader } from "../../settings/catalogue.ts";

/** Settings, and where each value of them was written. */
export type KnownSettings = {
  readonly settings: Settings;
  readonly provenance: Provenance;
  /** What of them was edited on disk since they were read; absent for a command, which has just read them. */
  readonly edits?: (() => Promise<readonly SettingsEdit[]>) | undefined;
};

/** What the agent reaches the world through. */
export type AgentPorts = {
  /** What already listens to it hears each event first: the recorder of the runs does. */
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly bootId: string;
  readonly files: StateFiles;
  readonly units: UnitRunner;
  readonly cloud: CloudPorts;
  readonly repo: ConfigRepo;
  readonly packages: PackageManager;
  readonly engines: Engines;
  readonly prober: Prober;
  readonly machine: Machine;
  readonly machineFiles: MachineFiles;
  readonly commands: CommandWatch;
};

/** Under which lock runs are made. */
export type Turns = { readonly lock: RunLock; readonly shared: boolean };

/** The agent, with the ports that it was made from. */
export type AgentParts = AgentPorts & {
  readonly settings: Settings;
  readonly status: StatusKeeper;
  readonly membership: Membership;
  readonly duty: DutyKeeper;
  readonly executor: Executor;
  readonly choose: Choose;
  readonly tagPrefix: string;
  readonly tagTrust: Settings["tags"]["trust"];
  readonly intervals: Intervals;
};

/** Wires everything. Nothing is written yet. */
export async function assembleAgent(
  { settings, provenance, edits }: KnownSettings,
  ports: AgentPorts,
  turns: Turns,
): Promise<AgentParts> {
  const { bus, clock, bootId, files, cloud } = ports;
  const { prefix: tagPrefix, trust: tagTrust } = settings.tags;
  const status = await createStatusKeeper(files, bus, bootId, clock);
  const passing = () => passingTags(status.current());
  const membership = createMembership({ files, clock, tagPrefix, passing, ...cloud });
  const catalogue = createCatalogueReader();
  const duty = createDutyKeeper(files, catalogue);
  const executor = createExecutor({
    ...{ settings, provenance, edits, status, membership, duty, catalogue },
    ...ports,
    ...cloud,
    ...turns,
  });
  const choose: Choose = (known) => select(settings, known, {}, provenance);
  return {
    ...ports,
    settings,
    status,
    membership,
    duty,
    executor,
    choose,
    tagPrefix,
    tagTrust,
    intervals: cloud.pace.intervals,
  };
}
