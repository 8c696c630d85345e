import type { Wish } from "../domain/membership.ts";
import { membershipStages } from "../domain/run.ts";
import type { MembershipStage } from "../domain/run.ts";
import { createSerial } from "../lib/async/serial.ts";
import type { Clock } from "../ports/clock.ts";
import type { PendingLaunch } from "../ports/lifecycle.ts";
import type { StateFiles } from "../ports/state-files.ts";
import { stagesNotLeft } from "./observe.ts";
import type { MembershipPorts } from "./observe.ts";
import type { PlanFacts } from "./plan.ts";
import type { MembershipListener } from "./report.ts";
import { settle } from "./settle.ts";
import { nearPacing } from "./pacing.ts";
import type { MembershipPacing } from "./work.ts";
import { nowhere } from "./wish.ts";
import type { WishRecord } from "./wish-file.ts";
import type { WishStore } from "./wish-store.ts";

export type SettlerDeps = MembershipPorts & {
  readonly files: StateFiles;
  readonly clock: Clock;
  /** Of the tags that muster writes, as `muster:`. */
  readonly tagPrefix: string;
  /** State tags that come and go beside those of the wish: see {@link PlanFacts}. */
  readonly passing?: (() => PlanFacts["passing"]) | undefined;
  readonly pacing?: MembershipPacing | undefined;
};

export type SettleOptions = {
  readonly signal: AbortSignal;
  readonly listen: MembershipListener;
  /** Absent: all three. */
  readonly stages?: readonly MembershipStage[] | undefined;
  /** The longest time that leaving may serve on from now, in milliseconds; absent: as long as drain and TTL take. */
  readonly serveLimitMs?: number | undefined;
  /** Told once every place that is the agent's own business is in. */
  readonly launch?: PendingLaunch | undefined;
  /** How long nobody may answer, in milliseconds; absent: as long as any other trouble may last. */
  readonly outageLimitMs?: number | undefined;
};

/** Planned ends. */
export type Settled =
  /** The world agrees with the wish. */
  | { readonly kind: "settled"; readonly want: Wish["want"]; readonly changed: boolean }
  /** A newer wish came; whoever made it settles it. */
  | { readonly kind: "superseded" };

/** Settles the wish of the store, one settle at a time; who waits for another's hurries it with the time of its own. */
export type Settler = {
  settle(options: SettleOptions): Promise<Settled>;
  /** How long the instance has been parting, in milliseconds; Infinity when it is not. */
  partedMs(): number;
};

export function createSettler(deps: SettlerDeps, store: WishStore): Settler {
  const { clock } = deps;
  /** When things on disk happened, by the monotonic clock: that one no time step changes, but a restart does. */
  const reckoned = new Map<string, number>();
  const turns = createSerial();
  /** Until when leaving may serve on, by the monotonic clock, of each settle that is under way or has yet to begin. */
  const limits = new Set<{ readonly untilMs: number }>();

  /** How long ago that was, in milliseconds. */
  function since(at: string): number {
    // Noted by an earlier process: reckoned once, so that the clock may be set from then on. A time that is yet to come
    // was noted by a clock that was wrong, and is taken for now: waiting for it could take years.
    const atMs = reckoned.get(at) ?? clock.monotonicMs() - Math.max(0, clock.now().getTime() - Date.parse(at));
    reckoned.set(at, atMs);
    return clock.monotonicMs() - atMs;
  }

  /** Now, to be noted on disk. */
  function stamp(): string {
    const at = clock.now().toISOString();
    reckoned.set(at, clock.monotonicMs());
    return at;
  }

  function partedMs(): number {
    const partedAt = store.record()?.partedAt;
    return partedAt === undefined ? Infinity : since(partedAt);
  }

  function clearedMs(): number | undefined {
    const clearedAt = store.record()?.clearedAt;
    return clearedAt === undefined ? undefined : since(clearedAt);
  }

  async function settleWish(record: WishRecord, options: SettleOptions, signal: AbortSignal): Promise<Settled> {
    const { wish } = record;
    const unreachable = stagesNotLeft(wish, deps);
    for (const stage of unreachable) options.listen(nobodyToAsk(stage));
    const asked = options.stages ?? membershipStages;
    const changed = await settle({
      wish,
      stages: new Set(asked.filter((stage) => !unreachable.includes(stage))),
      serveLimitMs: options.serveLimitMs ?? Infinity,
      serveLeftMs: () => Math.min(...[...limits].map(({ untilMs }) => untilMs)) - clock.monotonicMs(),
      launch: options.launch,
      outageLimitMs: options.outageLimitMs,
      ports: deps,
      clock,
      tagPrefix: deps.tagPrefix,
      passing: () => deps.passing?.(),
      pacing: deps.pacing ?? nearPacing,
      signal,
      listen: options.listen,
      partedMs,
      async beginParting() {
        reckoned.clear();
        await store.note({ wish, partedAt: stamp() }, signal);
      },
      clearedMs,
      async noteCleared() {
        const { partedAt } = store.record() ?? {};
        await store.note({ wish, partedAt, clearedAt: stamp() }, signal);
      },
    });
    const complete = asked.length === membershipStages.length && unreachable.length === 0;
    if (complete && hasNotes(store.record())) await store.note({ wish: { ...wish, former: nowhere } }, signal);
    return { kind: "settled", want: wish.want, changed };
  }

  async function settleOnce(options: SettleOptions): Promise<Settled> {
    options.signal.throwIfAborted();
    const record = store.record();
    const replaced = store.signal();
    if (record === undefined) return { kind: "settled", want: "out", changed: false };
    try {
      return await settleWish(record, options, AbortSignal.any([options.signal, replaced]));
    } catch (thrown) {
      if (replaced.aborted && !options.signal.aborted) return { kind: "superseded" };
      throw thrown;
    }
  }

  return {
    partedMs,
    async settle(options) {
      const limit = { untilMs: clock.monotonicMs() + (options.serveLimitMs ?? Infinity) };
      limits.add(limit);
      try {
        return await turns.run(() => settleOnce(options), options.signal);
      } finally {
        limits.delete(limit);
      }
    },
  };
}

/** Whether the record holds what a settled wish no longer needs. */
function hasNotes(record: WishRecord | undefined): boolean {
  if (record === undefined) return false;
  const { former } = record.wish;
  return record.partedAt !== undefined || former.targets.length + former.records.length > 0;
}

function nobodyToAsk(stage: MembershipStage): Parameters<MembershipListener>[0] {
  const what = stage === "register" ? "balancer" : "DNS server";
  return {
    type: "notice",
    level: "warning",
    code: stage === "register" ? "balancer-missing" : "dns-missing",
    text: `The settings name no ${what}, so the instance cannot leave the one it may be in`,
  };
}
