import type { SettingsEdit } from "../../domain/settings/settings-edits.ts";
import type { Provenance, Settings } from "../../domain/settings/settings.ts";
import type { CatalogueReader } from "../../ports/catalogue-reader.ts";
import type { Clock } from "../../ports/clock.ts";
import type { CommandWatch } from "../../ports/command-watch.ts";
import type { ConfigRepo } from "../../ports/config-repo.ts";
import type { Engines } from "../../ports/engine.ts";
import type { IdentitySource } from "../../ports/identity-source.ts";
import type { Lifecycle } from "../../ports/lifecycle.ts";
import type { LoadBalancer } from "../../ports/load-balancer.ts";
import type { Machine } from "../../ports/machine.ts";
import type { MachineFiles } from "../../ports/machine-files.ts";
import type { CloudPace } from "../../ports/pace.ts";
import type { PackageManager } from "../../ports/package-manager.ts";
import type { Prober } from "../../ports/prober.ts";
import type { StateFiles } from "../../ports/state-files.ts";
import type { Membership } from "../../membership/membership.ts";
import type { DutyKeeper } from "../state/duty.ts";

/** Everything that a run uses of the world. */
export type RunDeps = {
  readonly settings: Settings;
  /** The position of each value of the settings. */
  readonly provenance: Provenance;
  /** What of the settings was edited on disk and is not in force. @throws MusterError as reading them does */
  readonly edits?: (() => Promise<readonly SettingsEdit[]>) | undefined;
  readonly bootId: string;
  readonly clock: Clock;
  readonly files: StateFiles;
  readonly identity: IdentitySource;
  readonly repo: ConfigRepo;
  readonly catalogue: CatalogueReader;
  readonly packages: PackageManager;
  readonly engines: Engines;
  readonly prober: Prober;
  readonly machine: Machine;
  readonly machineFiles: MachineFiles;
  readonly membership: Membership;
  /** Of the cloud that the endpoints are in. */
  readonly pace: Pick<CloudPace, "intervals">;
  readonly duty: DutyKeeper;
  readonly lifecycle: Lifecycle;
  /** Reports the commands and cloud calls of each stage. */
  readonly commands: CommandWatch;
  /** Only to know the target groups that the Auto Scaling group registers; membership alone changes them. */
  readonly balancer?: Pick<LoadBalancer, "identify"> | undefined;
};
