import type { Maintenance } from "../membership/cloud-notice.ts";
import type { Drift } from "../run/drift.ts";
import type { ErrorReport } from "../errors/errors.ts";
import type { HealthReport } from "../health/health.ts";
import type { Instance } from "./instance.ts";
import type { InstanceState } from "./state.ts";
import type { Pending } from "../membership/membership.ts";
import type { Patched, PatchFailure } from "../run/patched.ts";
import type { Pause } from "./pause.ts";
import type { Cause, Facts, RunEnd, StageName, StageOutcome } from "../run/run.ts";
import type { Selection } from "../settings/settings.ts";
import type { Cordon } from "../membership/departure.ts";
import type { SlotStatus } from "../membership/slot.ts";
import type { StartType } from "./start-type.ts";

/** A stage of the current or last run, as people see it. */
export type StageStatus = {
  readonly stage: StageName;
  readonly state: "pending" | "running" | "waiting" | StageOutcome;
  /** What it is doing, or its summary. */
  readonly text: string;
  readonly startedAt?: string;
  /** While it waits: since when, ISO 8601. */
  readonly waitingSince?: string;
  readonly durationMs?: number;
  readonly facts: Facts;
  readonly error?: ErrorReport;
};

/** What stays to be done after a run. */
export type Watch = {
  /** Units that serve the role: the machine's leave comes before they stop. */
  readonly units: readonly string[];
  /** The longest time that leaving takes at a shutdown, in milliseconds. */
  readonly leaveMs: number;
  /** When to converge again, as a cron expression. */
  readonly converge?: string;
};

/** The commit that a run is pinned to, and its origin. */
export type PinnedConfig = {
  readonly commit: string;
  /** The branch or tag that it is the head of, or the commit id that was asked for. */
  readonly ref: string;
  readonly refKind: "branch" | "tag" | "commit";
  /** First line of the commit's message. */
  readonly subject: string;
  /** ISO 8601; absent for a run that an older binary began. */
  readonly committedAt?: string;
  /** The name of its author; absent for a run that an older binary began. */
  readonly author?: string;
  /** False when the server could not be reached and the local mirror was used. */
  readonly fetched: boolean;
  /** The commit that was applied when the run began; absent if none was. */
  readonly before?: string;
};

/** Why and since when the instance is out of service: a retry keeps it, and only service ends it. */
export type OutOfService = {
  /** ISO 8601. */
  readonly since: string;
  /** Runs in a row that did not bring it in. */
  readonly tries: number;
  /** The last of them. */
  readonly failure?: {
    readonly at: string;
    readonly run: string;
    readonly stage: StageName;
    readonly error: ErrorReport;
  };
};

/** `muster status --json`. Fields may be added; these stay. */
export type StatusReport = {
  readonly version: 1;
  /**
   * Why the status is out of date: the daemon does not answer. The other fields are the last known ones. Absent if the
   * daemon itself answers, or a run in the foreground keeps the status.
   */
  readonly daemon?: { readonly answers: false } & ErrorReport;
  /** The boot of this status; it is worth less in a later one. */
  readonly bootId: string;
  readonly state: InstanceState;
  /** Since when, ISO 8601. */
  readonly since: string;
  /** Absent in service, and in a status of an older binary until its state changes. */
  readonly out?: OutOfService;
  /** One plain sentence: why this state. */
  readonly reason: string;
  /** The stage that a held instance did not pass; absent if no stage failed, and in a status of an older binary. */
  readonly heldAt?: StageName;
  /** The instance serves although its checks fail, because it may not leave now: `reason` says why. Else absent. */
  readonly mustStay?: true;
  /** The event that has to come before the boot run begins; absent if it need not wait. */
  readonly waitsFor?: "cloud-init";
  /** The reason for readers other than root; absent: the reason quotes no other program. */
  readonly brief?: string;
  readonly instance?: Instance;
  readonly role?: string;
  readonly environment?: string;
  readonly ref?: string;
  readonly commit?: string;
  readonly run?: {
    readonly id: string;
    readonly cause: Cause;
    readonly startType: StartType;
    readonly startedAt: string;
    readonly finished: boolean;
    readonly durationMs?: number;
    readonly end?: RunEnd["kind"];
    /** Whether it left the instance in the warm pool of its Auto Scaling group. */
    readonly parked?: boolean;
    readonly stages: readonly StageStatus[];
  };
  /** Why role, environment and ref have their values; absent until the run knows. */
  readonly selection?: Selection;
  /** Absent until the run has chosen its commit; until then `commit` may be an earlier run's. */
  readonly config?: PinnedConfig;
  /** The remedy for a held instance, from the error. */
  readonly error?: ErrorReport;
  readonly nextRetryAt?: string;
  /** Absent when nothing is paused. */
  readonly pause?: Pause;
  /** Absent without one. */
  readonly cordon?: Cordon;
  /** Absent before the first patch. */
  readonly patched?: Patched;
  /** Announced maintenance, the soonest first; absent without any. */
  readonly maintenance?: readonly Maintenance[];
  /** Why the last patch is incomplete; absent if it is complete, and before the first one. */
  readonly patchTrouble?: readonly PatchFailure[];
  /** Held while the instance is out of service by choice; absent without one. */
  readonly slot?: SlotStatus;
  readonly rebootRequired: { readonly required: boolean; readonly reasons: readonly string[] };
  /** The last result of the drift check; empty once the instance was converged since. Absent before the first check. */
  readonly drift?: Drift;
  /** The values that the daemon watches for the current role. */
  readonly watch?: Watch;
  /** The health of a serving instance; absent while no checks are made. */
  readonly health?: HealthReport;
  /** What the reconciler still has to do, and why; absent if the endpoints agree with the wish, or a run reconciles. */
  readonly pending?: Pending;
  /** Refused tags and other notices of the last run, and (without a run) since. */
  readonly notices: readonly {
    readonly code: string;
    readonly text: string;
    readonly run?: string;
    /** The text for readers other than root. */
    readonly brief?: string;
  }[];
};
