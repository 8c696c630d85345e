import type { ErrorReport } from "./errors.ts";
import type { Facts, StageOutcome } from "./events.ts";
import type { Instance } from "./instance.ts";
import type { Cause, StageName } from "./run.ts";
import type { StartType } from "./start-type.ts";

/** The one word for where an instance stands. */
export type InstanceState =
  /** No run was ever made. */
  | "new"
  /** A run is under way and the instance is not in service. */
  | "starting"
  | "in-service"
  /** A gate did not pass; retried. */
  | "held"
  /** Somebody asked it out. */
  | "out-of-service"
  /** On its way out. */
  | "leaving";

/** A stage of the current or last run, as people see it. */
export type StageStatus = {
  readonly stage: StageName;
  readonly state: "pending" | "running" | "waiting" | StageOutcome;
  /** What it is doing, or its summary. */
  readonly text: string;
  readonly startedAt?: string;
  readonly durationMs?: number;
  readonly facts: Facts;
  readonly error?: ErrorReport;
};

/** `muster status --json`. Fields may be added; these stay. */
export type StatusReport = {
  readonly version: 1;
  readonly state: InstanceState;
  /** Since when, ISO 8601. */
  readonly since: string;
  /** One plain sentence: why this state. */
  readonly reason: string;
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
    readonly stages: readonly StageStatus[];
  };
  /** What a held instance needs, as the error said it. */
  readonly error?: ErrorReport;
  readonly nextRetryAt?: string;
  readonly rebootRequired: { readonly required: boolean; readonly reasons: readonly string[] };
  /** Refused tags and what else was noticed in the last run. */
  readonly notices: readonly { readonly code: string; readonly text: string }[];
};
