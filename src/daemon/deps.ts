import type { Backoff } from "../lib/async/backoff.ts";
import type { Intervals } from "../ports/pace.ts";
import type { Membership } from "../membership/membership.ts";
import type { Clock } from "../ports/clock.ts";
import type { ConfigRepo } from "../ports/config-repo.ts";
import type { ControlServer, Served } from "../ports/control.ts";
import type { IdentitySource } from "../ports/identity-source.ts";
import type { Lifecycle } from "../ports/lifecycle.ts";
import type { LoadBalancer } from "../ports/load-balancer.ts";
import type { CloudNotices } from "../ports/cloud-notices.ts";
import type { Prober } from "../ports/prober.ts";
import type { Pulse } from "../ports/pulse.ts";
import type { RunLock } from "../ports/run-lock.ts";
import type { Scheduler } from "../ports/scheduler.ts";
import type { ServiceManager } from "../ports/service-manager.ts";
import type { SettingsInForce } from "../domain/settings/settings-edits.ts";
import type { Trusted } from "../domain/settings/settings.ts";
import type { StateFiles } from "../ports/state-files.ts";
import type { Beats } from "./controllers/beats.ts";
import type { Answered } from "./controllers/answered.ts";
import type { Departures } from "./controllers/departures.ts";
import type { DutyKeeper } from "../run/state/duty.ts";
import type { EventBus } from "../run/state/event-bus.ts";
import type { Executor } from "../run/spine/executor.ts";
import type { StatusKeeper } from "../run/state/status-keeper.ts";
import type { SweepDeps } from "./sweep/sweep.ts";
import type { Choose } from "./watches/tag-change.ts";
import type { PauseKeeper } from "./pause/pause-keeper.ts";
import type { SlotKeeper } from "./patching/slot-keeper.ts";

/** Everything that the daemon and its watches use. */
export type DaemonDeps = {
  readonly executor: Executor;
  readonly membership: Membership;
  /** The duty of this instance: schedules and watches take the role's rules from it. */
  readonly duty: DutyKeeper;
  /** Schedules and the leave for failing health read it first. */
  readonly pause: PauseKeeper;
  readonly identity: Pick<IdentitySource, "observe" | "addresses">;
  /** Applies the settings to the tags of an identity. */
  readonly choose: Choose;
  /** The prefix of the tags that steer, as `muster:`. */
  readonly tagPrefix: string;
  /** The tags that may steer, and those that templates may use, by the settings. */
  readonly tagTrust: readonly Trusted[];
  /** An instance takes a slot before it leaves service by choice. */
  readonly slots: SlotKeeper;
  readonly files: StateFiles;
  /** Absent without an authority on which instances live. */
  readonly sweeping?: SweepDeps | undefined;
  readonly bus: EventBus;
  readonly status: StatusKeeper;
  readonly clock: Clock;
  /** The turn to make a run; a reload takes it to keep runs away. */
  readonly turns: RunLock;
  readonly control: ControlServer;
  /** The settings that these parts were made from, for readers. */
  readonly inForce: () => Promise<SettingsInForce>;
  /** The tags, as the control sockets offer them. */
  readonly tags: Pick<Served, "tags" | "openTags">;
  readonly services: ServiceManager;
  /** The heartbeat to systemd's watchdog. */
  readonly pulse: Pulse;
  readonly beats: Beats;
  readonly scheduler: Scheduler;
  readonly repo: Pick<ConfigRepo, "headOnServer">;
  /** How often to ask the server of the config repo for a new commit, in milliseconds; absent: by schedule alone. */
  readonly pollMs?: number | undefined;
  readonly lifecycle: Lifecycle;
  /** Absent if the settings name none. */
  readonly balancer?: LoadBalancer | undefined;
  readonly notices: CloudNotices;
  /** Whether the instance is in a standby that it requested itself, or was until just now. */
  readonly ownStandby: () => Promise<boolean>;
  /** Makes the role's checks while the instance serves. */
  readonly prober: Prober;
  /** The departures that hold now: watches report them, the service controller decides. */
  readonly departures: Departures;
  /** The departures that the instance has left for. */
  readonly answered: Answered;
  /** How often the reconciler and the tag watch observe. */
  readonly intervals: Intervals;
  /** Backoff between two runs of a held instance. */
  readonly retry: Backoff;
};
