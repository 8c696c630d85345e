import { jitteredMs } from "../../lib/async/periodic.ts";
import type { MembershipStage } from "../../domain/run/run.ts";
import { recordKey } from "../../membership/wish.ts";
import type { DaemonDeps } from "../deps.ts";

type Deps = Pick<DaemonDeps, "membership" | "status" | "clock" | "intervals">;

/** The names of this instance as DNS servers answer them, between the looks through the API. */
export type NamesInDns = {
  /** How long to wait before the next question, in milliseconds. */
  pauseMs(): number;
  /** Asks. @returns whether a name is gone: a look is needed now */
  areGone(signal: AbortSignal): Promise<boolean>;
  /** What the next pass observes; undefined: everything. */
  stages(): readonly MembershipStage[] | undefined;
  /** A pass of these stages ended. @param changed whether it found something to repair; undefined: it failed */
  passed(stages: readonly MembershipStage[] | undefined, changed: boolean | undefined): void;
};

/** What is known of one record. */
type Row = {
  /** A missing name counts as gone only once the servers have answered with it: others may serve a zone of that name. */
  readonly wasSeen: boolean;
  /** Until when a server may answer from before: a name that is missing then is gone. By the monotonic clock. */
  readonly lateUntilMs?: number | undefined;
};

/**
 * Decides by what DNS servers answer whether the names are looked at through the API.
 *
 * | answers | the next pass |
 * |---|---|
 * | every record is confirmed | leaves the names out, for up to `observeMs` |
 * | a record that was answered is missing, and still is after servers and caches can be late no more | is made now |
 * | anything else: unknown, present, missing from the beginning | looks at the names, at its usual pace |
 *
 * A look that finds nothing to repair although a name was gone shows that the servers cannot be believed: for `observeMs`
 * they cause no other one.
 */
export function createNamesInDns({ membership, status, clock, intervals: { names } }: Deps): NamesInDns {
  const rows = new Map<string, Row>();
  let isConfirmed = false;
  let areMissing = false;
  let againMs: number | undefined;
  let doubtedUntilMs = -Infinity;
  const observeMs = () => jitteredMs(names?.observeMs ?? 0, clock);
  /** The run that began to serve has looked. */
  let lookDueMs = clock.monotonicMs() + observeMs();

  function rowOf(before: Row | undefined, lateMs: number | undefined): Row {
    if (lateMs === undefined) return { wasSeen: true };
    return { wasSeen: before?.wasSeen ?? false, lateUntilMs: before?.lateUntilMs ?? clock.monotonicMs() + lateMs };
  }

  return {
    pauseMs: () => (names === undefined ? Infinity : Math.min(againMs ?? Infinity, jitteredMs(names.askMs, clock))),

    async areGone(signal) {
      [isConfirmed, areMissing, againMs] = [false, false, undefined];
      const verified = names === undefined ? undefined : await membership.verify(signal);
      if (verified === undefined) return false;
      isConfirmed = verified.every(({ verdict }) => verdict.kind === "confirmed");
      const nowMs = clock.monotonicMs();
      for (const { record, verdict } of verified) {
        const key = recordKey(record);
        if (verdict.kind === "unknown") continue;
        const row = rowOf(rows.get(key), verdict.kind === "missing" ? verdict.lateMs : undefined);
        rows.set(key, row);
        if (!row.wasSeen || row.lateUntilMs === undefined || nowMs < doubtedUntilMs) continue;
        if (nowMs >= row.lateUntilMs) areMissing = true;
        else againMs = Math.min(againMs ?? Infinity, row.lateUntilMs - nowMs);
      }
      return areMissing;
    },

    stages() {
      if (!isConfirmed || clock.monotonicMs() >= lookDueMs || status.current().pending !== undefined) return undefined;
      const { wish } = membership.status();
      const isSettled = wish?.want === "in" && wish.former.records.length + wish.former.targets.length === 0;
      return isSettled ? ["register", "tags"] : undefined;
    },

    passed(stages, changed) {
      if (stages?.includes("dns") === false || changed === undefined) return;
      if (areMissing && !changed) doubtedUntilMs = clock.monotonicMs() + observeMs();
      lookDueMs = clock.monotonicMs() + observeMs();
      rows.clear();
      areMissing = false;
    },
  };
}
