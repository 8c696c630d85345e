import type { CheckResult, CheckTarget } from "../../src/domain/health/check.ts";
import type { Prober } from "../../src/ports/prober.ts";

/** What an attempt finds; `hangs` is an attempt that only its time-out ends. */
export type FakeAttempt = CheckResult | "hangs";

/**
 * A prober that finds what a test says.
 * @param find what the attempt at a target finds, the first being 1; throw for what the test does not expect
 */
export function createFakeProber(
  find: (target: CheckTarget, attempt: number) => FakeAttempt,
  words: (target: CheckTarget) => string | undefined = () => undefined,
): Prober {
  const attempts = new Map<CheckTarget, number>();
  return {
    async probe(target, timeoutMs, signal) {
      signal.throwIfAborted();
      const attempt = (attempts.get(target) ?? 0) + 1;
      attempts.set(target, attempt);
      const found = find(target, attempt);
      return found === "hangs" ? hang(timeoutMs, signal) : found;
    },
    lastWords: async (target) => words(target),
  };
}

function hang(timeoutMs: number, signal: AbortSignal): Promise<CheckResult> {
  const { promise, resolve, reject } = Promise.withResolvers<CheckResult>();
  const timer = setTimeout(() => resolve({ ok: false, expected: "an answer", seen: "no answer" }), timeoutMs);
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  return promise.finally(() => clearTimeout(timer));
}
