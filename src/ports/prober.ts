import type { CheckResult, CheckTarget } from "../domain/health/check.ts";

/**
 * Makes one attempt at a health check.
 *
 * Contract: changes nothing; every finding is a result, never an exception; ends within the time-out (its process is
 * killed, with its children) or when the signal aborts (then it rejects with the reason).
 */
export interface Prober {
  probe(target: CheckTarget, timeoutMs: number, signal: AbortSignal): Promise<CheckResult>;
  /**
   * What the program behind a target that does not pass last said about it: of a unit, the decisive line of its log.
   * Undefined where there is none. Never rejects.
   */
  lastWords(target: CheckTarget): Promise<string | undefined>;
}
