import { backoffMs, type Backoff } from "../../domain/backoff.ts";
import { isTransient, reportOf } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { PackageManager } from "../../ports/package-manager.ts";
import type { StageContext, StageResult } from "../../ports/stage-context.ts";
import type { IndexResult } from "./result.ts";

/** No new attempt after this. The patch stage tries once more, when the config repo has been reached or given up. */
const deadlineMs = 60_000;
const backoff: Backoff = { firstMs: 2_000, maxMs: 20_000 };

/** Refreshes the package index. A source that cannot be reached does not hold the instance. */
export async function indexStage(
  ports: { readonly packages: PackageManager; readonly clock: Clock },
  context: StageContext,
): Promise<StageResult<IndexResult>> {
  const failure = await refreshUntil(ports.clock.monotonicMs() + deadlineMs, ports, context);
  const refreshed = failure === undefined;
  return {
    value: { refreshed },
    outcome: "unchanged",
    summary: refreshed ? "the package index is up to date" : `the package index was not refreshed: ${failure}`,
    facts: { refreshed },
  };
}

/** @returns why it did not work out; undefined when it did */
async function refreshUntil(
  deadline: number,
  { packages, clock }: { readonly packages: PackageManager; readonly clock: Clock },
  context: StageContext,
): Promise<string | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await packages.refresh(context);
      return undefined;
    } catch (error) {
      context.signal.throwIfAborted();
      const { message } = reportOf(error);
      if (!isTransient(error) || clock.monotonicMs() >= deadline) return message;
      context.waiting(`${message}; trying again`);
      await clock.sleep(backoffMs(backoff, attempt, clock.random()), context.signal);
    }
  }
}
