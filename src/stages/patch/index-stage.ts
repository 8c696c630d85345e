import { backOff, type Backoff } from "../../lib/async/backoff.ts";
import { isTransient, reportOf } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { PackageManager, PackageRules } from "../../ports/package-manager.ts";
import type { StageContext, StageResult } from "../../ports/stage-context.ts";
import type { IndexResult } from "./result.ts";

/** No new attempt after this, in milliseconds. */
const patienceMs = 60_000;
/** Beside the config stage no role is known yet. */
const noRules: PackageRules = { exclude: [] };
const backoff: Backoff = { firstMs: 2_000, maxMs: 20_000 };

/**
 * Refreshes the package index beside the config stage, when nobody knows yet whether this role patches at all:
 * one attempt, and a source that cannot be reached holds nobody up. Who needs the index asks again.
 */
export async function indexStage(
  { packages }: { readonly packages: PackageManager },
  context: StageContext,
): Promise<StageResult<IndexResult>> {
  const failure = await refreshOnce(packages, noRules, context);
  const refreshed = failure === undefined;
  return {
    value: { refreshed },
    outcome: "unchanged",
    summary: refreshed
      ? "the package index is up to date"
      : `the package index was not refreshed: ${reportOf(failure).message}`,
    facts: { refreshed },
  };
}

/**
 * Refreshes the index for a role that patches; with the network gone it is judged by the index on the disk.
 * @returns why it did not work out; undefined when it did
 */
export async function refreshPatiently(
  rules: PackageRules,
  { packages, clock }: { readonly packages: PackageManager; readonly clock: Clock },
  context: StageContext,
): Promise<string | undefined> {
  const deadline = clock.monotonicMs() + patienceMs;
  for (let attempt = 1; ; attempt += 1) {
    context.progress("reading the package index");
    const failure = await refreshOnce(packages, rules, context);
    if (failure === undefined) return undefined;
    const { message } = reportOf(failure);
    if (!isTransient(failure) || clock.monotonicMs() >= deadline) return message;
    context.waiting(`${message}; trying again`);
    await backOff(backoff, attempt, clock, context.signal, failure);
  }
}

/** @returns why it failed; undefined when it did not */
export async function refreshOnce(
  packages: PackageManager,
  rules: PackageRules,
  context: StageContext,
): Promise<unknown> {
  try {
    await packages.refresh(rules, context);
    return undefined;
  } catch (error) {
    context.signal.throwIfAborted();
    return error;
  }
}
