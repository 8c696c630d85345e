import { backOff, type Backoff } from "../../lib/async/backoff.ts";
import { isTransient, reportOf } from "../../domain/errors/errors.ts";
import type { SourceFailure } from "../../domain/run/package-source.ts";
import type { Clock } from "../../ports/clock.ts";
import type { PackageManager, PackageRules } from "../../ports/package-manager.ts";
import type { StageContext, StageResult } from "../../ports/stage-context.ts";
import type { IndexResult } from "./result.ts";

/** No new attempt after this, in milliseconds. */
const patienceMs = 60_000;
/** While the config stage runs, the role is not known yet. */
const noRules: PackageRules = { exclude: [] };
const backoff: Backoff = { firstMs: 2_000, maxMs: 20_000 };

/** The result of a refresh: the sources that could not be read while others were, or why no source was read. */
export type Refreshed = { readonly failed: readonly SourceFailure[]; readonly failure?: Error };

/**
 * Refreshes the package index while the config stage runs, before it is known whether the role patches at all: one
 * attempt, and an unreachable source delays nothing. The patch stage refreshes again, unless the attempt read some of
 * the sources: a dead source is waited for once a run.
 */
export async function indexStage(
  { packages }: { readonly packages: PackageManager },
  context: StageContext,
): Promise<StageResult<IndexResult>> {
  const { failed, failure } = await refreshOnce(packages, noRules, context);
  const refreshed = failure === undefined;
  const unread = failed.map(({ source }) => source);
  const but = unread.length === 0 ? "" : `, but for ${unread.join(", ")}`;
  return {
    value: { refreshed, failed: [...failed] },
    outcome: "unchanged",
    summary: refreshed
      ? `the package index is up to date${but}`
      : `the package index was not refreshed: ${reportOf(failure).message}`,
    facts: { refreshed, ...(unread.length === 0 ? {} : { unread }) },
  };
}

/**
 * Refreshes the index for a role that patches; without a network the index on disk is used.
 * @param untilRead whether to wait for a source that may come back, although others were read
 */
export async function refreshPatiently(
  rules: PackageRules,
  untilRead: boolean,
  { packages, clock }: { readonly packages: PackageManager; readonly clock: Clock },
  context: StageContext,
): Promise<Refreshed> {
  const deadline = clock.monotonicMs() + patienceMs;
  for (let attempt = 1; ; attempt += 1) {
    context.progress("reading the package index");
    const refreshed = await refreshOnce(packages, rules, context);
    const { failed, failure } = refreshed;
    const waitsFor = untilRead ? failed.find(({ transient }) => transient) : undefined;
    if (failure === undefined && waitsFor === undefined) return refreshed;
    if (failure !== undefined && !isTransient(failure)) return refreshed;
    if (clock.monotonicMs() >= deadline) return refreshed;
    context.waiting(`${waitsFor?.message ?? reportOf(failure).message}; trying again`);
    await backOff(backoff, attempt, clock, context.signal, failure);
  }
}

export async function refreshOnce(
  packages: PackageManager,
  rules: PackageRules,
  context: StageContext,
): Promise<Refreshed> {
  try {
    return { failed: await packages.refresh(rules, context) };
  } catch (error) {
    context.signal.throwIfAborted();
    return { failed: [], failure: error instanceof Error ? error : new Error(String(error)) };
  }
}
