import type { MusterError } from "../../domain/errors/errors.ts";
import type { TieredCheck } from "../../domain/health/health.ts";
import { withinDeadline } from "../../lib/async/deadline.ts";
import { firstOf } from "../../lib/async/first.ts";
import { createReportGate } from "../../lib/async/report.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Prober } from "../../ports/prober.ts";
import type { StageContext } from "../../ports/stage-context.ts";
import { advance, untried } from "./plan.ts";
import { healthFailed, waitingBrief, waitingText, type WatchedCheck } from "./words.ts";

export type GatePorts = {
  readonly prober: Prober;
  readonly clock: Pick<Clock, "monotonicMs" | "sleep">;
};

/** How often a change of the wait is reported, in milliseconds. */
const reportEveryMs = 1000;

/**
 * Makes all checks in parallel until all of them are healthy at the same time.
 * @returns the checks at that moment
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

  /** Ends when this check is the last one to become healthy. */
  async function watch(index: number, one: TieredCheck, signal: AbortSignal): Promise<void> {
    const { target, pacing } = one.check;
    for (let state = untried(clock.monotonicMs()); ;) {
      const result = await ports.prober.probe(target, pacing.timeoutMs, signal);
      state = advance(state, result, pacing, clock.monotonicMs());
      board[index] = { ...one, state };
      if (board.every((other) => other.state.healthy)) return;
      await clock.sleep(pacing.intervalMs, signal);
    }
  }

  /** At a pace for people: a wait of less than a second is not reported. */
  async function report(signal: AbortSignal): Promise<never> {
    const reported = createReportGate<string>();
    while (true) {
      await clock.sleep(reportEveryMs, signal);
      const text = waitingText(board);
      if (reported.isNew(text) && text !== undefined) context.waiting(text, waitingBrief(board));
    }
  }

  const watches = checks.map((one, index) => (signal: AbortSignal) => watch(index, one, signal));
  let late: MusterError | undefined;
  try {
    return await withinDeadline(
      deadlineMs,
      clock,
      context.signal,
      async (signal) => {
        await firstOf(signal, [...watches, report]);
        return [...board];
      },
      () => (late = healthFailed(board, deadlineMs, clock.monotonicMs())),
    );
  } catch (error) {
    if (error !== late) throw error;
    const nowMs = clock.monotonicMs();
    const said = await lastWordsOf(board, ports.prober);
    throw healthFailed(board, deadlineMs, nowMs, said);
  }
}

/** So many logs are read: where more checks fail, they fail for one cause, and a screen has room for few. */
const logsRead = 3;

async function lastWordsOf(board: readonly WatchedCheck[], prober: Prober): Promise<ReadonlyMap<string, string>> {
  const failing = board.filter(({ state }) => state.last?.ok === false).slice(0, logsRead);
  const all = await Promise.all(
    failing.map(async ({ check }) => [check.name, await prober.lastWords(check.target)] as const),
  );
  return new Map(all.flatMap(([name, words]) => (words === undefined ? [] : [[name, words] as const])));
}
