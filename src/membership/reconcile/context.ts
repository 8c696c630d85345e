import type { Target, Wish } from "../../domain/membership/membership.ts";
import { membershipStages, type MembershipStage } from "../../domain/run/run.ts";
import type { Clock } from "../../ports/clock.ts";
import type { PendingLaunch } from "../../ports/lifecycle.ts";
import type { CloudPace, MembershipPacing } from "../../ports/pace.ts";
import type { StateFiles } from "../../ports/state-files.ts";
import type { WishStore } from "../wish-store.ts";
import { createFailures, type Failures } from "./act.ts";
import { createObservations, type MembershipPorts, type Observations } from "./observe.ts";
import type { PlanFacts } from "./plan.ts";
import { createReporter, type MembershipListener, type Reporter } from "./report.ts";

/** What membership works with, for the life of the process. */
export type MembershipDeps = MembershipPorts & {
  readonly files: StateFiles;
  readonly clock: Clock;
  /** Of the tags that muster writes, as `muster:`. */
  readonly tagPrefix: string;
  /** State tags that come and go beside those of the wish: see {@link PlanFacts}. */
  readonly passing?: (() => PlanFacts["passing"]) | undefined;
  /** Of the cloud that the endpoints are in. */
  readonly pace: Pick<CloudPace, "membership">;
};

/** What the caller of one pass asks for. */
export type ReconcileOptions = {
  readonly signal: AbortSignal;
  readonly listen: MembershipListener;
  /** Absent: all three. */
  readonly stages?: readonly MembershipStage[] | undefined;
  /** The longest time that leaving may serve on from now, in milliseconds; absent: as long as drain and TTL take. */
  readonly serveLimitMs?: number | undefined;
  /** Completed once the instance is in every endpoint that the agent registers itself. */
  readonly launch?: PendingLaunch | undefined;
  /**
   * How long an outage of a balancer may last, in milliseconds. Absent: as long as any other failure of it, and without
   * a limit once the instance may be in one of its targets.
   */
  readonly outageLimitMs?: number | undefined;
  /** How long any stage may keep failing while the instance joins, and tags always, in milliseconds; absent: by the kind of stage. */
  readonly failLimitMs?: number | undefined;
};

/** One pass from a wish to a world that agrees with it: all that the loop hands on from round to round. */
export type ReconcileContext = MembershipDeps &
  ReconcileOptions & {
    readonly wish: Wish;
    /** The stages of this pass, in the order in which they are worked. */
    readonly order: readonly MembershipStage[];
    readonly pacing: MembershipPacing;
    readonly times: LeaveTimes;
    /** How much longer leaving may serve on, in milliseconds: the shortest limit of all callers decides. */
    serveLeftMs(): number;
    readonly startedMs: number;
    /** How long services did not answer or were busy, in milliseconds: no deadline of the instance counts that. */
    outageMs: number;
    /** Whether a balancer may send users to the instance: it was seen in a target, or put there. */
    entered: boolean;
    readonly observations: Observations;
    readonly failures: Failures;
    readonly report: Reporter;
    launched: boolean;
    /** When this pass had each target registered, by {@link targetKey} and the monotonic clock. */
    readonly registered: Map<string, number>;
    /** The steps of the round before: the same steps again at once had no effect. */
    lastSteps: string;
    /** The waits of the round before, and for how many rounds they are the same. */
    lastWaits: string;
    sameWaits: number;
  };

/** DNS records go first: users are sent elsewhere while the balancer still serves the rest. */
const leaveOrder: readonly MembershipStage[] = ["dns", "register", "tags"];

/** Begins a pass. @param given what is of this pass, besides what the caller asked for */
export function createContext(
  deps: MembershipDeps,
  options: ReconcileOptions,
  given: Pick<ReconcileContext, "wish" | "signal" | "times" | "serveLeftMs"> & {
    readonly stages: readonly MembershipStage[];
  },
): ReconcileContext {
  const { wish, stages } = given;
  const order = (wish.want === "in" ? membershipStages : leaveOrder).filter((stage) => stages.includes(stage));
  const monotonicMs = () => deps.clock.monotonicMs();
  const context: ReconcileContext = {
    ...deps,
    ...options,
    ...given,
    order,
    pacing: deps.pace.membership,
    startedMs: monotonicMs(),
    outageMs: 0,
    entered: false,
    observations: createObservations(wish, deps, isNotYet),
    failures: createFailures(monotonicMs),
    report: createReporter(wish, order, monotonicMs, options.listen),
    launched: false,
    registered: new Map(),
    lastSteps: "",
    lastWaits: "",
    sameWaits: 0,
  };

  /** Auto Scaling registers an instance after its launch hook: until then there is nothing to look at. */
  function isNotYet({ registeredBy }: Target): boolean {
    return registeredBy === "auto-scaling" && options.launch !== undefined && !context.launched;
  }

  return context;
}

/** When the instance began to leave: on disk, and by the monotonic clock. */
export type LeaveTimes = {
  /** How long ago the instance began to leave an endpoint, in milliseconds; Infinity when it leaves none. */
  partedMs(): number;
  /** How long ago every server had dropped the records, in milliseconds; undefined while one may answer with them. */
  clearedMs(): number | undefined;
  /** Puts on disk that leaving begins now, before it does. @throws the signal's reason */
  noteParted(wish: Wish, signal: AbortSignal): Promise<void>;
  /** Puts on disk that every server has dropped the records by now. @throws the signal's reason */
  noteCleared(wish: Wish, signal: AbortSignal): Promise<void>;
};

export function createLeaveTimes(clock: Clock, store: WishStore): LeaveTimes {
  /** The times on disk by the monotonic clock: no time step changes that one, but a restart begins it anew. */
  const reckoned = new Map<string, number>();

  /** How long ago that was, in milliseconds. */
  function since(at: string): number {
    // A time of an earlier process is reckoned once, so that the clock may be set from then on. A time in the future
    // was noted by a clock that was wrong, and counts as now: the wait for it could take years.
    const atMs = reckoned.get(at) ?? clock.monotonicMs() - Math.max(0, clock.now().getTime() - Date.parse(at));
    reckoned.set(at, atMs);
    return clock.monotonicMs() - atMs;
  }

  /** Now, as it is noted on disk. */
  function stamp(): string {
    const at = clock.now().toISOString();
    reckoned.set(at, clock.monotonicMs());
    return at;
  }

  return {
    partedMs() {
      const partedAt = store.record()?.partedAt;
      return partedAt === undefined ? Infinity : since(partedAt);
    },
    clearedMs() {
      const clearedAt = store.record()?.clearedAt;
      return clearedAt === undefined ? undefined : since(clearedAt);
    },
    async noteParted(wish, signal) {
      reckoned.clear();
      await store.note({ wish, partedAt: stamp() }, signal);
    },
    async noteCleared(wish, signal) {
      const { partedAt } = store.record() ?? {};
      await store.note({ wish, partedAt, clearedAt: stamp() }, signal);
    },
  };
}
