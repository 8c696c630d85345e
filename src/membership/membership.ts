import { canonical } from "../domain/text/canonical.ts";
import { reportOf } from "../domain/errors/errors.ts";
import type { ErrorReport } from "../domain/errors/errors.ts";
import type { DnsRecord, DnsVerdict, Owner, Reached, Wish } from "../domain/membership/membership.ts";
import type { MembershipStage } from "../domain/run/run.ts";
import type { PendingLaunch } from "../ports/lifecycle.ts";
import type { PlannedStep } from "../ports/stage-context.ts";
import { createLooks, type Looks } from "./looks.ts";
import { preview } from "./preview.ts";
import type { MembershipListener } from "./reconcile/report.ts";
import { MembershipError } from "./reconcile/act.ts";
import type { MembershipDeps, ReconcileOptions } from "./reconcile/context.ts";
import { createReconciler, type Reconciled } from "./reconcile/reconciler.ts";
import { nextWish, reachedBy } from "./wish.ts";
import type { WishRequest } from "./wish.ts";
import type { WishRecord } from "./wish-file.ts";
import { createWishStore } from "./wish-store.ts";

/** Where the targets of an instance are reached from now on, and every address that it has. */
export type Moved = { readonly at: Reached; readonly held: readonly string[] };

/** What DNS servers answer of one record. */
export type NameVerified = { readonly record: DnsRecord; readonly verdict: DnsVerdict };

export type MembershipStatus = {
  readonly wish?: Wish | undefined;
  /** Whether a pass is under way. */
  readonly reconciling: boolean;
  /** The members of the largest target group that the instance is in, as far as an answer showed them. */
  readonly size?: number | undefined;
  /** Why the last pass failed; absent when it did not. */
  readonly failure?: (ErrorReport & { readonly stage: MembershipStage }) | undefined;
};

/**
 * The desired state of this instance, the wish, and the reconciler that makes the world agree with it. The process that
 * holds the run lock has one, and nothing else writes membership.
 *
 *   wish.ts, wish-file.ts, wish-store.ts   the wish: made, on disk, and changed one change after the other
 *   endpoints.ts, slot-of.ts               which targets, records and slot a role means for this instance
 *   reconcile/                             observe, plan, act until the world agrees; reconciler.ts draws the loop
 *   looks.ts                               what can be foreseen before a wish is made
 *   preview.ts, plan-leave.ts              dry runs: the same observations and plan, without acting
 *   pacing.ts                              intervals, limits and backoff by cloud
 *
 * The folder works through the ports of balancer, DNS and tags, and imports domain, lib and ports alone.
 */
export interface Membership {
  /** Reads the wish from disk; before anything else. A file that cannot be read is set aside, with a notice. */
  load(listen: MembershipListener): Promise<Wish | undefined>;
  /** Changes the wish: on disk when it resolves. The present pass ends as `superseded`, unless nothing changed. */
  want(request: WishRequest): Promise<Wish>;
  /**
   * Changes the records of a wish for service of this boot, and where its targets are reached, and nothing else of it;
   * any other wish stays as it is. On disk when it resolves.
   * @returns whether there was such a wish
   */
  rename(records: readonly DnsRecord[], owner: Owner, bootId: string, reached?: Moved): Promise<boolean>;
  /**
   * Makes the world agree with the wish; where it already does, observes alone. Waits for the present pass, which then
   * serves on for no longer than this one may.
   * @throws MembershipError the failure that lasted, with its stage
   * @throws the signal's reason
   */
  reconcile(options: ReconcileOptions): Promise<Reconciled>;
  /** Looks for what a pass would fail for. */
  readonly looks: Looks;
  /** What `want` and `reconcile` would do, by stage. Changes nothing. */
  preview(
    request: WishRequest,
    signal: AbortSignal,
    launch?: PendingLaunch,
  ): Promise<Readonly<Record<MembershipStage, readonly PlannedStep[]>>>;
  /**
   * What DNS servers answer of each record that is wanted: costs no request of a cloud's API, changes nothing and never
   * fails. Undefined where no record is wanted, or the look of a pass costs no request either.
   * @throws the signal's reason
   */
  verify(signal: AbortSignal): Promise<readonly NameVerified[] | undefined>;
  status(): MembershipStatus;
  /** Drops a wish that another instance left in the image; its endpoints are that instance's. */
  forget(): Promise<void>;
}

export function createMembership(deps: MembershipDeps): Membership {
  const store = createWishStore(deps.files);
  const reconciler = createReconciler(deps, store);
  let reconciling = 0;
  let failure: MembershipStatus["failure"];

  /** The times of leaving stay, unless the instance is wanted back. */
  function successor(former: WishRecord | undefined, request: WishRequest): WishRecord {
    const wish = nextWish(former?.wish, request, deps.clock.now());
    if (former !== undefined && canonical(wish) === canonical(former.wish)) return former;
    const { partedAt, clearedAt } = former?.wish.want === wish.want ? former : {};
    return { wish, partedAt, clearedAt };
  }

  return {
    async load(listen) {
      const read = await store.load();
      if (read.kind === "set-aside") {
        const text = `The desired membership on disk cannot be read and was moved to ${read.path}: ${read.why}`;
        listen({ type: "notice", level: "warning", code: "state-set-aside", text });
      }
      return store.record()?.wish;
    },
    async want(request) {
      const record = await store.replace((former) => successor(former, request));
      return record.wish;
    },
    async rename(records, owner, bootId, reached) {
      const record = await store.replace((former) => {
        if (former?.wish.want !== "in" || former.wish.bootId !== bootId) return undefined;
        const targets = former.wish.places.targets.map((target) => reachedBy(target, reached?.at));
        return successor(former, { ...former.wish, owner, places: { targets, records }, held: reached?.held });
      });
      return record !== undefined;
    },
    async reconcile(options) {
      reconciling += 1;
      try {
        const reconciled = await reconciler.reconcile(options);
        failure = undefined;
        return reconciled;
      } catch (thrown) {
        if (thrown instanceof MembershipError) failure = { ...reportOf(thrown), stage: thrown.stage };
        throw thrown;
      } finally {
        reconciling -= 1;
      }
    },
    looks: createLooks(deps),
    async preview(request, signal, launch) {
      const wish = nextWish(store.record()?.wish, request, deps.clock.now());
      const partedMs = reconciler.partedMs();
      const passing = deps.passing?.();
      const given = { wish, ports: deps, tagPrefix: deps.tagPrefix, passing, partedMs, launch: launch?.what };
      return await preview(given, signal);
    },
    async verify(signal) {
      const wish = store.record()?.wish;
      if (wish?.want !== "in" || wish.owner === undefined || wish.places.records.length === 0) return undefined;
      const { records } = wish.places;
      const verdicts = await deps.dns?.verify?.(records, wish.owner, signal);
      return verdicts?.flatMap((verdict, at) => {
        const record = records[at];
        return record === undefined ? [] : [{ record, verdict }];
      });
    },
    status() {
      const wish = store.record()?.wish;
      const sizes = (wish?.places.targets ?? []).flatMap((target) => deps.balancer?.size?.(target) ?? []);
      const size = sizes.length === 0 ? undefined : Math.max(...sizes);
      return { wish, reconciling: reconciling > 0, size, failure };
    },
    async forget() {
      await store.forget();
    },
  };
}
