import type { Maintenance } from "../membership/cloud-notice.ts";
import type { LogNoticeCode } from "../errors/error-codes.ts";
import type { Drift } from "./drift.ts";
import type { ErrorReport } from "../errors/errors.ts";
import type { HealthReport } from "../health/health.ts";
import type { Instance } from "../instance/instance.ts";
import type { InstanceState } from "../instance/state.ts";
import type { StateEvent } from "../instance/transitions.ts";
import type { Pending } from "../membership/membership.ts";
import type { Patched, PatchFailure } from "./patched.ts";
import type { Pause, PauseOver } from "../instance/pause.ts";
import type { Cause, Facts, RunEnd, StageName, StageOutcome } from "./run.ts";
import type { Cordon } from "../membership/departure.ts";
import type { SlotStatus } from "../membership/slot.ts";
import type { Selection } from "../settings/settings.ts";
import type { StartType } from "../instance/start-type.ts";
import type { PinnedConfig, Watch } from "../instance/status.ts";

/** One line of a dry run's plan. */
export type PlannedStep = {
  /** What would be done, one plain sentence. */
  readonly text: string;
  /** The object of the action, in detail, if there is more to say. */
  readonly details?: readonly string[];
};

/** The record of a call to a cloud: enough to ask its support about it. */
export type CloudCall = {
  /** As `route53:ChangeResourceRecordSets`. */
  readonly operation: string;
  readonly durationMs: number;
  readonly attempts: number;
  /** How many attempts the service throttled; absent: none. */
  readonly throttled?: number | undefined;
  readonly requestId?: string | undefined;
  /** The error's name; absent when it went well. */
  readonly failure?: string | undefined;
};

/** How an external command ended. */
export type CommandEnd =
  | { readonly ended: "exited"; readonly code: number }
  | { readonly ended: "killed" | "timed-out" | "missing" | "lost" | "aborted" };

/** A transient unit, and the file with its output. */
export type UnitOutput = {
  readonly name: string;
  readonly logFile: string;
  /** The length of the file when the agent began to listen, in bytes: later output stands after it. */
  readonly from?: number;
};

/** The record of an external command: never its arguments, which may be confidential. */
export type CommandNews =
  | {
      readonly type: "command-started";
      /** Pairs start and end; unique within one process of the agent. */
      readonly id: number;
      /** Program and verb, as `git fetch`. */
      readonly command: string;
      /** The transient unit that it runs in; absent for one that dies with the agent. */
      readonly unit?: UnitOutput;
    }
  | ({
      readonly type: "command-finished";
      readonly id: number;
      readonly command: string;
      readonly durationMs: number;
    } & CommandEnd);

/** Everything that happens, as one stream: journal, terminal, `STATUS=`, log and status are its listeners. */
export type EventBody =
  | {
      readonly type: "run-started";
      readonly cause: Cause;
      readonly startType: StartType;
      readonly dryRun: boolean;
      readonly resumed: boolean;
      /** The boot of the event; absent in recordings of older binaries. */
      readonly boot?: string;
    }
  | { readonly type: "stage-started"; readonly stage: StageName }
  /** The present action or wait of a stage; `waiting` marks a wait. */
  | {
      readonly type: "stage-progress";
      readonly stage: StageName;
      readonly text: string;
      readonly waiting: boolean;
      /** The text for readers other than root; absent: the stage's own words alone. */
      readonly brief?: string;
    }
  /** One line that an external command printed. */
  | { readonly type: "stage-output"; readonly stage: StageName; readonly line: string }
  | {
      readonly type: "stage-finished";
      readonly stage: StageName;
      readonly outcome: StageOutcome;
      readonly durationMs: number;
      /** One plain sentence. */
      readonly summary: string;
      readonly facts: Facts;
      readonly error?: ErrorReport;
    }
  /** Of a dry run: what the stage would do. */
  | { readonly type: "stage-planned"; readonly stage: StageName; readonly steps: readonly PlannedStep[] }
  /** Facts about this instance and its run; later ones add to earlier ones. */
  | {
      readonly type: "run-facts";
      readonly facts: {
        readonly instance?: Instance;
        readonly role?: string;
        readonly environment?: string;
        readonly ref?: string;
        readonly commit?: string;
        readonly selection?: Selection;
        readonly config?: PinnedConfig;
        readonly watch?: Watch;
        readonly patched?: Patched;
        /** Of the patch of this run; empty when there was none. */
        readonly patchTrouble?: readonly PatchFailure[];
        readonly reboot?: { readonly required: boolean; readonly reasons: readonly string[] };
      };
    }
  | { readonly type: "run-finished"; readonly end: RunEnd; readonly durationMs: number }
  /** The instance came into, or went out of, service, or is on its way. */
  | {
      readonly type: "state-changed";
      readonly state: InstanceState;
      /** What changed it. Absent in recordings of older binaries; without it the status does not change. */
      readonly trigger?: StateEvent;
      readonly reason: string;
      readonly stage?: StageName;
      /** The event that has to come before the boot run begins. */
      readonly waitsFor?: "cloud-init";
      /** The reason for readers other than root; absent: the reason quotes no other program. */
      readonly brief?: string;
    }
  /** A pause began or, without one, is over. */
  | { readonly type: "pause-changed"; readonly pause?: Pause; readonly over?: PauseOver }
  /** The health of a serving instance; without a report, checks are no longer made. */
  | { readonly type: "health-changed"; readonly health?: HealthReport }
  /** The instance holds this slot or, without one, no slot any more. */
  | { readonly type: "slot-changed"; readonly slot?: SlotStatus }
  /** A cordon began or, without one, is over. */
  | { readonly type: "cordon-changed"; readonly cordon?: Cordon }
  /** Endpoints do not agree with the wish yet or, without `pending`, agree again. */
  | { readonly type: "membership-pending"; readonly pending?: Pending }
  /** All announced maintenance; empty when none is ahead any more. */
  | { readonly type: "maintenance-announced"; readonly maintenance: readonly Maintenance[] }
  | { readonly type: "drift-checked"; readonly drift: Drift }
  /**
   * A request for a change, or its refusal. The runtime cannot ask the kernel for the user; the socket says which users
   * it may be.
   */
  | {
      readonly type: "control-asked";
      readonly socket: "root.sock" | "control.sock";
      /** Method and route. */
      readonly request: string;
      /** The details that may be recorded: keys of tags, never values. */
      readonly detail?: string;
      readonly refused?: true;
    }
  | { readonly type: "retry-scheduled"; readonly inMs: number; readonly nextAt: string }
  /** An external command of a stage began or ended. */
  | (CommandNews & { readonly stage: StageName })
  /** One call to the cloud's API with all its attempts; nothing of the request. The stage that made it, if any. */
  | ({ readonly type: "cloud-call"; readonly stage?: StageName } & CloudCall)
  /** A notice in the log that belongs to no stage: a refused tag, a state file set aside, a change of membership. */
  | {
      readonly type: "notice";
      readonly level: "info" | "warning" | "error";
      readonly code: LogNoticeCode;
      readonly text: string;
      /** The text for readers other than root; absent: muster's own words alone. */
      readonly brief?: string;
    };

export type RunEvent = EventBody & {
  /** ISO 8601, UTC, from the wall clock: for people. Durations come from the monotonic clock. */
  readonly at: string;
  /** Milliseconds since the machine booted, for durations. Absent in recordings of older binaries. */
  readonly upMs?: number;
  /** Absent outside a run. */
  readonly run?: string;
};

/** A notice in the log: an event with a code, for people. Its type on disk is `notice`. */
export type LogNotice = Extract<RunEvent, { readonly type: "notice" }>;

/** A listener for events. It must not throw and must not block. */
export type EventListener = (event: RunEvent) => void;
