import type { DaemonFailure } from "../../domain/daemon-failure.ts";
import type { ErrorReport } from "../../domain/errors.ts";
import type { KnownValue } from "../../domain/known-value.ts";
import type { Wish } from "../../domain/membership.ts";
import type { Problem } from "../../domain/problem.ts";
import type { Recording } from "../../domain/recording.ts";
import type { StatusReport } from "../../domain/status.ts";
import type { ScheduleName } from "../../domain/times.ts";

/** What was found out about this machine without changing anything: read from files, and asked of the daemon. */
export type ExplainInput = {
  /** ISO 8601. */
  readonly now: string;
  /** The daemon's own where it answers, else the one on disk; undefined when that could not be read. */
  readonly status: StatusReport | undefined;
  readonly agent: AgentObservation;
  readonly settings: SettingsObservation;
  /** Of the role that runs here, from the catalogue of its commit; none where neither is known. */
  readonly role: readonly KnownValue[];
  /** Of the run in the status. */
  readonly recording?: Recording;
  readonly wish?: Wish;
  /** What was converged last. */
  readonly applied?: { readonly commit: string; readonly ref: string; readonly at: string };
  /** What the role's schedule asks for next, the soonest first; `at` is ISO 8601. */
  readonly scheduled: readonly { readonly name: ScheduleName; readonly expression: string; readonly at: string }[];
  /** What could not be looked at, one sentence each. */
  readonly unread: readonly string[];
};

/** Who is there to do the work. */
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
  | { readonly kind: "read"; readonly values: readonly KnownValue[] }
  /** They do not count, and no daemon starts with them. */
  | { readonly kind: "broken"; readonly error: ErrorReport; readonly problems: readonly Problem[] }
  | { readonly kind: "unread" };
