import type { ErrorReport } from "../errors/errors.ts";

/**
 * The stages of a run, in the words of the people who use them. `clock` is the gate before all others;
 * `index` is the refresh of the package index, which overlaps `config`; `preflight` overlaps `patch`.
 */
export const stageNames = [
  "clock",
  "identity",
  "config",
  "index",
  "patch",
  "preflight",
  "converge",
  "health",
  "register",
  "dns",
  "tags",
] as const;

export type StageName = (typeof stageNames)[number];

/** Small, plain facts of a stage: what status, log and metrics show beside its time. */
export type Facts = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export type StageOutcome = "changed" | "unchanged" | "skipped" | "replayed" | "failed";

/** Stages that membership owns: the reconciler works them, in this order for joining. */
export const membershipStages = ["register", "dns", "tags"] as const satisfies readonly StageName[];

export type MembershipStage = (typeof membershipStages)[number];

/** The cause of a run. */
export const causes = [
  "boot",
  "manual",
  "schedule",
  /** The ref that the instance follows has a new commit. */
  "commit",
  "retry",
  /** A tag says another role, environment or ref, or another balancer by a template. */
  "tag-change",
  /** Auto Scaling took it out of its warm pool. */
  "wake",
  /** What took the instance out of service is over. */
  "return",
  /** Its patch window: it was taken out of service for this. */
  "patch",
  /** A tag says another role, environment or ref, or another balancer by way of a template. */
  "tag-change",
] as const;

export type Cause = (typeof causes)[number];

/** What a run is asked to do. */
export type RunRequest = {
  readonly cause: Cause;
  /** The stages to work; `clock`, `identity` and `config` always run because the others need them. Absent: all. */
  readonly stages?: readonly StageName[];
  readonly dryRun: boolean;
  /** A trial on this host: instead of the settings' and tags' ref. Still one that the settings allow. */
  readonly ref?: string;
  /** A trial on this host: instead of the tag's role. */
  readonly role?: string;
  /** Goes on without a reboot that is due, and says so. */
  readonly noReboot?: boolean;
};

/** How a run ended. Planned ends are values; only failures are thrown. */
export type RunEnd =
  | { readonly kind: "in-service"; readonly changed: boolean; readonly rebootRefused?: string }
  /**
   * Unconfirmed: every gate passed on an instance that was in service before it booted, but the services of membership
   * do not answer. Membership stays as it was, and is reconciled when they do.
   */
  | { readonly kind: "unconfirmed"; readonly changed: boolean; readonly note: string }
  /** The requested stages are done; membership was not requested, or the wish is out of service. */
  | {
      readonly kind: "done";
      readonly changed: boolean;
      readonly note?: string;
      readonly rebootRefused?: string;
      /** Ready for service, in the warm pool of its Auto Scaling group: it joins later. */
      readonly parked?: true;
    }
  /** The machine reboots, as planned: this run goes on in the boot that follows. */
  | { readonly kind: "rebooting"; readonly stage: StageName; readonly reasons: readonly string[] }
  /** A gate did not pass: out of service, reason on record, retried later. */
  | { readonly kind: "held"; readonly stage: StageName; readonly error: ErrorReport }
  /** A stage failed on an instance that serves: it keeps serving. */
  | { readonly kind: "failed"; readonly stage: StageName; readonly error: ErrorReport };

/** Exit status of a command that made or waited for a run (DESIGN.md, "Command line"). */
export function exitCodeOf(end: RunEnd): number {
  switch (end.kind) {
    case "in-service":
    case "done":
      return end.rebootRefused === undefined ? 0 : 4;
    case "unconfirmed":
    case "rebooting":
      return 0;
    case "failed":
      return 1;
    case "held":
      return 3;
  }
}

/** A run of every stage by tags and settings: not a part of one, and no trial of another role or ref. */
export function isWhole(request: RunRequest): boolean {
  return request.stages === undefined && request.ref === undefined && request.role === undefined;
}
