import type { TieredCheck } from "../../domain/health.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Prober } from "../../ports/prober.ts";
import type { StageContext } from "../../ports/stage-context.ts";
import { advance, untried } from "./plan.ts";
import { healthFailed, waitingBrief, waitingText, type WatchedCheck } from "./words.ts";

export type GatePorts = {
  readonly prober: Prober;
  readonly clock: Pick<Clock, "monotonicMs" | "sleep">;
};

/** How often what is waited for is told, if it has changed. */
const tellEveryMs = 1000;

/**
 * Keeps making all checks side by side until all of them are healthy at the same time.
 * @returns the checks as they were then
 * @throws MusterError `health-failed` at the deadline
 */
export async function passGate(
  checks: readonly TieredCheck[],
  deadlineMs: number,
  ports: GatePorts,
  context: StageContext,
): Promise<readonly WatchedCheck[]> {
  const { clock } = ports;
  const board: WatchedCheck[] = checks.map((one) => ({ ...one, state: untried(clock.monotonicMs()) }));
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const open = Promise.withResolvers<"open">();

  async function watch(index: number, one: TieredCheck): Promise<never> {
    const { target, pacing } = one.check;
    for (let state = untried(clock.monotonicMs()); ;) {
      const result = await ports.prober.probe(target, pacing.timeoutMs, signal);
      state = advance(state, result, pacing, clock.monotonicMs());
      board[index] = { ...one, state };
      if (board.every((other) => other.state.healthy)) open.resolve("open");
      await clock.sleep(pacing.intervalMs, signal);
    }
  }

  /** At a pace for people: what passes within the first second was not worth a word. */
  async function tell(): Promise<never> {
    for (let told: string | undefined; ;) {
      await clock.sleep(tellEveryMs, signal);
      const text = waitingText(board);
      if (text !== undefined && text !== told) context.waiting(text, waitingBrief(board));
      told = text;
    }
  }

  const loops = [...checks.map((one, index) => watch(index, one)), tell()];
  const deadline = clock.sleep(deadlineMs, signal).then(() => "deadline" as const);
  try {
    const end = await Promise.race([open.promise, deadline, ...loops]);
    if (end === "open") return [...board];
    throw healthFailed(board, deadlineMs, clock.monotonicMs());
  } finally {
    stop.abort();
    await Promise.allSettled([deadline, ...loops]);
  }
}
