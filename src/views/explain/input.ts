import type { DaemonFailure } from "../../domain/instance/daemon-failure.ts";
import type { ErrorReport } from "../../domain/errors/errors.ts";
import type { KnownValue } from "../../domain/settings/known-value.ts";
import type { SettingsInForce } from "../../domain/settings/settings-edits.ts";
import type { Wish } from "../../domain/membership/membership.ts";
import type { Problem } from "../../domain/settings/problem.ts";
import type { Recording } from "../../domain/run/recording.ts";
import type { PinnedConfig, StatusReport } from "../../domain/instance/status.ts";
import type { ScheduleName } from "../../domain/run/times.ts";

/** The observations of this machine, which change nothing: read from files, and asked of the daemon. */
export type ExplainInput = {
  /** ISO 8601. */
  readonly now: string;
  /** The daemon's own if it answers, else the one on disk; undefined if that could not be read. */
  readonly status: StatusReport | undefined;
  readonly agent: AgentObservation;
  readonly settings: SettingsObservation;
  /** Of the current role, from the catalogue of its commit; empty if either is unknown. */
  readonly role: readonly KnownValue[];
  /** Of the run in the status: its {@link eventsOfTimes}. */
  readonly recording?: Recording;
  readonly wish?: Wish;
  /** The last applied configuration. */
  readonly applied?: Pick<PinnedConfig, "commit" | "ref" | "refKind" | "committedAt" | "author"> & {
    readonly at: string;
    readonly subject?: string;
    /** The commit that was applied before it. */
    readonly former?: string;
  };
  /** The next times of the role's schedule, the soonest first; `at` is ISO 8601. */
  readonly scheduled: readonly { readonly name: ScheduleName; readonly expression: string; readonly at: string }[];
  /** What could not be observed, one sentence each. */
  readonly unread: readonly string[];
};

/** The events of a recording that an explanation is made of: what took how long. */
export const eventsOfTimes = ["stage-finished", "command-finished", "run-finished"] as const;

/** The process that does the work. */
export type AgentObservation =
  /** The daemon. */
  | { readonly kind: "answers" }
  /** A command in the foreground, which holds the machine's lock. */
  | { readonly kind: "command"; readonly what: string; readonly pid: number }
  /** No daemon, or one that does not answer. */
  | DaemonFailure
  /** This user may not ask it, or it is of another version. */
  | { readonly kind: "unasked" };

export type SettingsObservation =
  /** On disk; and those in force, where the daemon told them. */
  | { readonly kind: "read"; readonly values: readonly KnownValue[]; readonly inForce?: SettingsInForce }
  /** The settings are invalid, and no daemon starts with them. */
  | { readonly kind: "broken"; readonly error: ErrorReport; readonly problems: readonly Problem[] }
  | { readonly kind: "unread" };
