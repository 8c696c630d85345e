/**
 * The reconciler makes balancers, DNS and tags agree with the desired state of this instance. That state is the wish on
 * disk (../wish-file.ts). Runs, drains and the shutdown replace the wish and then ask for a pass; the daemon asks for
 * one at intervals and after a restart (daemon/keep-membership.ts). No other code registers, drains, publishes or tags.
 *
 *   run, drain, shutdown, daemon
 *       │ want(): wish on disk, then reconcile(): one pass
 *       ▼
 *   reconciler.ts   one pass at a time; the others wait for their turn
 *       │
 *       ▼
 *   ┌─► observe.ts  every stage that is not fresh, side by side: a failure hides no other endpoint
 *   │       │
 *   │       ▼
 *   │   plan.ts     pure: wish, observations and times → phases. No phase left: the pass is done
 *   │       │
 *   │       ▼
 *   │   act.ts      the steps of the first phase, side by side
 *   │       │
 *   │       ▼
 *   │   loop.ts     the wait before the next round:
 *   │                 after a failure, backoff with jitter, until the time of its stage is out
 *   │                 after steps, none
 *   │                 with something to wait for (health, drain, TTL), a poll that grows rarer while nothing changes
 *   └───────┘
 *
 * Joining works one stage after the other: register, dns, tags. A failure of the balancer that lasts ends the pass.
 * Names and tags that fail are put off: an instance that its balancer calls healthy is in service without them. Leaving
 * works dns, register and tags side by side. A stage that was put off, or that leaving gave up, does not stop the others;
 * the pass throws its failure at the end. The wish stays on disk, so the next pass takes up what is left.
 *
 * Superseded: a newer wish aborts the present pass at once, whatever it waits for. The pass ends as `superseded`, and
 * the pass of the newer wish observes the world as it is then.
 *
 * Limits: `serveLimitMs` says how long leaving may serve on for drain and TTL. Limits count by the monotonic clock from
 * the call on. A pass that waits for its turn has its limit counted already: the shortest of all decides, so that the
 * shutdown cuts a long drain short. When the time is out the rest of the plan goes on without waiting
 * (`leave-cut-short`). The beginning of leaving is on disk (context.ts, LeaveTimes), so a restart extends no drain.
 *
 *   context.ts   ReconcileContext, the one bag of a pass      steps.ts    steps, waits and phases as data, and in words
 *   report.ts    what a pass does, as events of its stages    act.ts      executes steps, and keeps count of failures
 */
import type { Wish } from "../../domain/membership/membership.ts";
import { membershipStages } from "../../domain/run/run.ts";
import { createSerial } from "../../lib/async/serial.ts";
import { nowhere } from "../wish.ts";
import type { WishRecord } from "../wish-file.ts";
import type { WishStore } from "../wish-store.ts";
import { createContext, createLeaveTimes, type MembershipDeps, type ReconcileOptions } from "./context.ts";
import { runPass } from "./loop.ts";
import { stagesNotLeft } from "./observe.ts";
import { cannotBeLeft } from "./report.ts";

/** Planned ends. */
export type Reconciled =
  /** The world agrees with the wish. */
  | { readonly kind: "agrees"; readonly want: Wish["want"]; readonly changed: boolean }
  /** A newer desired state exists; its caller reconciles it. */
  | { readonly kind: "superseded" };

/** Reconciles the wish of the store, one pass at a time. */
export type Reconciler = {
  reconcile(options: ReconcileOptions): Promise<Reconciled>;
  /** How long ago the instance began to leave, in milliseconds; Infinity when it does not leave. */
  partedMs(): number;
};

export function createReconciler(deps: MembershipDeps, store: WishStore): Reconciler {
  const { clock } = deps;
  const times = createLeaveTimes(clock, store);
  const turns = createSerial();
  /** The time at which leaving stops serving, by the monotonic clock, of the present pass and of each that waits. */
  const limits = new Set<{ readonly untilMs: number }>();

  function serveLeftMs(): number {
    return Math.min(...[...limits].map(({ untilMs }) => untilMs)) - clock.monotonicMs();
  }

  async function pass({ wish }: WishRecord, options: ReconcileOptions, signal: AbortSignal): Promise<Reconciled> {
    const unreachable = stagesNotLeft(wish, deps);
    for (const stage of unreachable) options.listen(cannotBeLeft(stage));
    const asked = options.stages ?? membershipStages;
    const stages = asked.filter((stage) => !unreachable.includes(stage));
    const changed = await runPass(createContext(deps, options, { wish, stages, signal, times, serveLeftMs }));
    const complete = asked.length === membershipStages.length && unreachable.length === 0;
    if (complete && hasNotes(store.record())) await store.note({ wish: { ...wish, former: nowhere } }, signal);
    return { kind: "agrees", want: wish.want, changed };
  }

  async function passOnce(options: ReconcileOptions): Promise<Reconciled> {
    options.signal.throwIfAborted();
    const record = store.record();
    const replaced = store.signal();
    if (record === undefined) return { kind: "agrees", want: "out", changed: false };
    try {
      return await pass(record, options, AbortSignal.any([options.signal, replaced]));
    } catch (thrown) {
      if (replaced.aborted && !options.signal.aborted) return { kind: "superseded" };
      throw thrown;
    }
  }

  return {
    partedMs: () => times.partedMs(),
    async reconcile(options) {
      const limit = { untilMs: clock.monotonicMs() + (options.serveLimitMs ?? Infinity) };
      limits.add(limit);
      try {
        return await turns.run(() => passOnce(options), options.signal);
      } finally {
        limits.delete(limit);
      }
    },
  };
}

/** Whether the record holds what the wish needs only until the world agrees with it. */
function hasNotes(record: WishRecord | undefined): boolean {
  if (record === undefined) return false;
  const { former } = record.wish;
  return record.partedAt !== undefined || former.targets.length + former.records.length > 0;
}
