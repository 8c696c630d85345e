import type { Maintenance } from "./cloud-notice.ts";
import type { Drift } from "./drift.ts";
import type { ErrorReport } from "./errors.ts";
import type { HealthReport } from "./health.ts";
import type { Instance } from "./instance.ts";
import type { InstanceState } from "./instance/state.ts";
import type { Pending } from "./membership.ts";
import type { Patched, PatchFailure } from "./patched.ts";
import type { Pause } from "./pause.ts";
import type { Cause, Facts, RunEnd, StageName, StageOutcome } from "./run.ts";
import type { Selection } from "./settings.ts";
import type { SlotStatus } from "./slot.ts";
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

/** The commit that a run is pinned to, and how it was come by. */
export type PinnedConfig = {
  readonly commit: string;
  /** The branch or tag that it is the head of, or the commit id that was asked for. */
  readonly ref: string;
  readonly refKind: "branch" | "tag" | "commit";
  /** First line of the commit's message. */
  readonly subject: string;
  /** ISO 8601; absent for a run that an older binary began. */
  readonly committedAt?: string;
  /** False when the server could not be reached and the local mirror was used. */
  readonly fetched: boolean;
  /** What was applied when the run began; absent when nothing was. */
  readonly before?: string;
};

/** `muster status --json`. Fields may be added; these stay. */
export type StatusReport = {
  readonly version: 1;
  /**
   * Why nobody keeps this up: the daemon does not answer. The rest is what was known last. Absent where the daemon
   * itself tells it, and where a run in the foreground keeps it up.
   */
  readonly daemon?: { readonly answers: false } & ErrorReport;
  /** The boot that this was said in; it is worth less in a later one. */
  readonly bootId: string;
  readonly state: InstanceState;
  /** Since when, ISO 8601. */
  readonly since: string;
  /** One plain sentence: why this state. */
  readonly reason: string;
  /** The stage that a held instance did not pass; absent where none is to blame, and in what an older binary wrote. */
  readonly heldAt?: StageName;
  /** What has to end before the boot run begins; absent when nothing keeps it. */
  readonly waitsFor?: "cloud-init";
  /** The same where others than root read; absent: the reason quotes nobody. */
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
  /** Why role, environment and ref are what they are; absent until the run knows. */
  readonly selection?: Selection;
  /** Absent until the run has chosen its commit; `commit` may be an earlier run's until then. */
  readonly config?: PinnedConfig;
  /** What a held instance needs, as the error said it. */
  readonly error?: ErrorReport;
  readonly nextRetryAt?: string;
  /** Absent when nothing is paused. */
  readonly pause?: Pause;
  /** Absent before the first patch. */
  readonly patched?: Patched;
  /** What the cloud has announced, the soonest first; absent when nothing is. */
  readonly maintenance?: readonly Maintenance[];
  /** What kept the last patch from being the whole of it; absent when nothing did, and before the first one. */
  readonly patchTrouble?: readonly PatchFailure[];
  /** Held while the instance is out of service by choice; absent without one. */
  readonly slot?: SlotStatus;
  readonly rebootRequired: { readonly required: boolean; readonly reasons: readonly string[] };
  /** What the last drift check found; nothing drifted when it was converged since. Absent before the first check. */
  readonly drift?: Drift;
  /** What the daemon keeps an eye on for the role that runs here. */
  readonly watch?: Watch;
  /** What the checks find while the instance serves; absent while nobody makes them. */
  readonly health?: HealthReport;
  /** What membership is still about, and why; absent when the world is as wished, or a run sees to it. */
  readonly pending?: Pending;
  /** Refused tags and what else was noticed in the last run, and (without a run) since. */
  readonly notices: readonly {
    readonly code: string;
    readonly text: string;
    readonly run?: string;
    /** What of it others than root may read. */
    readonly brief?: string;
  }[];
};
