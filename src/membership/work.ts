import type { Backoff } from "../lib/async/backoff.ts";
import type { Wish } from "../domain/membership.ts";
import { membershipStages } from "../domain/run.ts";
import type { MembershipStage } from "../domain/run.ts";
import type { Clock } from "../ports/clock.ts";
import type { PendingLaunch } from "../ports/lifecycle.ts";
import type { MembershipPorts } from "./observe.ts";
import type { PlanFacts } from "./plan.ts";
import { createReporter } from "./report.ts";
import type { MembershipListener, Reporter } from "./report.ts";
import { createSight } from "./sight.ts";
import type { Sight } from "./sight.ts";
import { createTroubles } from "./troubles.ts";
import type { MembershipError, Troubles } from "./troubles.ts";

/** How settling is paced and how long trouble is put up with. Milliseconds. */
export type MembershipPacing = {
  /** Between two looks while waiting; grows to `pollMaxMs` for as long as nothing changes. */
  readonly pollMs: number;
  readonly pollMaxMs: number;
  readonly backoff: Backoff;
  /** How long a stage may keep failing while the instance joins; the balancer has its own by target. */
  readonly joinLimitMs: number;
  /** The same while it leaves, where systemd is waiting. */
  readonly leaveLimitMs: number;
};

/** One pass from a wish to a world that agrees with it. */
export type Settling = {
  readonly wish: Wish;
  readonly stages: ReadonlySet<MembershipStage>;
  /** The longest time that leaving may serve on from the beginning, in milliseconds. */
  readonly serveLimitMs: number;
  /** How much longer it may serve on, in milliseconds: whoever has the least time of those who wait for it decides. */
  serveLeftMs(): number;
  readonly launch?: PendingLaunch | undefined;
  /** How long nobody may answer, in milliseconds; absent: as long as any other trouble may last. */
  readonly outageLimitMs?: number | undefined;
  readonly ports: MembershipPorts;
  readonly clock: Clock;
  readonly tagPrefix: string;
  passing(): PlanFacts["passing"];
  readonly pacing: MembershipPacing;
  readonly signal: AbortSignal;
  readonly listen: MembershipListener;
  /** Since when the instance parts from a place, in milliseconds; Infinity when it does not. */
  partedMs(): number;
  /** Puts on disk that parting begins now, before it does. */
  beginParting(): Promise<void>;
  /** Since when no server answers with the records any more, in milliseconds; undefined while one may. */
  clearedMs(): number | undefined;
  /** Puts that on disk. */
  noteCleared(): Promise<void>;
};

/** What one settling keeps in mind from round to round. */
export type Work = Settling & {
  readonly order: readonly MembershipStage[];
  readonly sight: Sight;
  readonly startedMs: number;
  readonly report: Reporter;
  readonly troubles: Troubles;
  /** What went wrong for good: while leaving, the other stages go on without it. */
  readonly lost: Map<MembershipStage, MembershipError>;
  /** The steps of the round before: done again at once, they had no effect. */
  lastSteps: string;
  launched: boolean;
  /** Whether it was said what there was no time for. */
  cutShort: boolean;
  /** What was waited for last, and how many looks in a row. */
  lastWaits: string;
  sameLooks: number;
};

/** Names go first: users are sent elsewhere while the balancer still serves those who come. */
const leaveOrder: readonly MembershipStage[] = ["dns", "register", "tags"];

export function begin(settling: Settling): Work {
  const order = (settling.wish.want === "in" ? membershipStages : leaveOrder).filter((stage) =>
    settling.stages.has(stage),
  );
  const monotonicMs = () => settling.clock.monotonicMs();
  return {
    ...settling,
    order,
    sight: createSight(settling.wish, settling.ports),
    startedMs: monotonicMs(),
    report: createReporter(settling.wish, order, monotonicMs, settling.listen),
    troubles: createTroubles(monotonicMs),
    lost: new Map(),
    lastSteps: "",
    launched: false,
    cutShort: false,
    lastWaits: "",
    sameLooks: 0,
  };
}
