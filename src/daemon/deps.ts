import type { Backoff } from "../lib/async/backoff.ts";
import type { Intervals } from "../membership/pacing.ts";
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
import type { Trusted } from "../domain/settings.ts";
import type { StateFiles } from "../ports/state-files.ts";
import type { Beats } from "./beats.ts";
import type { Answered } from "./controllers/answered.ts";
import type { Departures } from "./controllers/departures.ts";
import type { DutyKeeper } from "../run/duty.ts";
import type { EventBus } from "../run/event-bus.ts";
import type { Executor } from "../run/executor.ts";
import type { StatusKeeper } from "../run/status-keeper.ts";
import type { SweepDeps } from "./sweep/sweep.ts";
import type { Choose } from "./watches/tag-change.ts";
import type { PauseKeeper } from "./pause/pause-keeper.ts";
import type { SlotKeeper } from "./patching/slot-keeper.ts";

/** Everything that the daemon and its watches work with. */
export type DaemonDeps = {
  readonly executor: Executor;
  readonly membership: Membership;
  /** What this instance is here for: schedules and watches take the role's rules from it. */
  readonly duty: DutyKeeper;
  /** Who works by schedule, or would leave for failing health, asks it first. */
  readonly pause: PauseKeeper;
  readonly identity: Pick<IdentitySource, "observe">;
  /** What the settings make of an identity's tags. */
  readonly choose: Choose;
  /** Of the tags that steer, as `muster:`. */
  readonly tagPrefix: string;
  /** What the settings let tags steer, and which of them templates may use. */
  readonly tagTrust: readonly Trusted[];
  /** Who leaves service by choice takes one first. */
  readonly slots: SlotKeeper;
  readonly files: StateFiles;
  /** Absent where nobody can be asked who lives. */
  readonly sweeping?: SweepDeps | undefined;
  readonly bus: EventBus;
  readonly status: StatusKeeper;
  readonly clock: Clock;
  /** Whoever has it makes a run, or waits for none to begin. */
  readonly turns: RunLock;
  readonly control: ControlServer;
  /** The tags, for whoever may use the control sockets. */
  readonly tags: Pick<Served, "tags" | "openTags">;
  readonly services: ServiceManager;
  /** What the watchdog is told by. */
  readonly pulse: Pulse;
  readonly beats: Beats;
  readonly scheduler: Scheduler;
  readonly repo: Pick<ConfigRepo, "headOnServer">;
  /** How often the server of the config repo is asked for a new commit, in milliseconds; absent: by schedule alone. */
  readonly pollMs?: number | undefined;
  readonly lifecycle: Lifecycle;
  /** Absent where the settings name none. */
  readonly balancer?: LoadBalancer | undefined;
  readonly notices: CloudNotices;
  /** Whether the instance is in standby, or was until just now, because it asked for that itself. */
  readonly ownStandby: () => Promise<boolean>;
  /** Makes the role's checks while the instance serves. */
  readonly prober: Prober;
  /** Why the instance shall be out of service now: watches report, one place decides. */
  readonly departures: Departures;
  /** Which of them the instance has left for. */
  readonly answered: Answered;
  /** How often the world is compared with the wish. */
  readonly intervals: Intervals;
  /** Between two runs of a held instance. */
  readonly retry: Backoff;
};
