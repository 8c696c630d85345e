import { z } from "zod";
import { formatDuration } from "../../domain/text/units.ts";
import type { Clock, ClockSync } from "../../ports/clock.ts";
import type { PlannedStep, StageContext, StageResult } from "../../ports/stage-context.ts";

export const clockResultSchema = z.object({ synchronised: z.boolean() });

export type ClockResult = z.infer<typeof clockResultSchema>;

const pollMs = 500;

/**
 * The first gate: TLS and signatures need the time. It waits if a time service is about to synchronise the clock, not
 * without a time service. After the wait the run goes on with a notice: a wrong clock breaks some stages, a failed gate
 * would break every boot.
 */
export async function clockStage(
  waitMs: number,
  ports: { readonly clock: Clock },
  context: StageContext,
): Promise<StageResult<ClockResult>> {
  const { clock } = ports;
  const deadline = clock.monotonicMs() + waitMs;
  let seen = await clock.synchronisation(context.signal);
  while (seen.kind === "waiting" && clock.monotonicMs() < deadline) {
    context.waiting(`${seen.by} has not synchronised the clock yet; it reads ${clock.now().toISOString()}`);
    await clock.sleep(pollMs, context.signal);
    seen = await clock.synchronisation(context.signal);
  }
  const summary = summaryOf(seen, waitMs);
  if (seen.kind === "waiting") context.warn("clock-not-synchronised", `${summary}; TLS and signatures may fail`);
  return {
    value: { synchronised: seen.kind === "synchronised" },
    outcome: "unchanged",
    summary,
    facts: { synchronised: seen.kind === "synchronised" },
  };
}

/** For a dry run: the present state of the gate. */
export async function planClock(
  ports: { readonly clock: Clock },
  context: StageContext,
): Promise<readonly PlannedStep[]> {
  const seen = await ports.clock.synchronisation(context.signal);
  return seen.kind === "waiting" ? [{ text: `wait until ${seen.by} has synchronised the clock` }] : [];
}

function summaryOf(seen: ClockSync, waitMs: number): string {
  switch (seen.kind) {
    case "synchronised":
      return `the clock is synchronised (${seen.by})`;
    case "unmanaged":
      return `the clock is taken as it is: ${seen.why}`;
    case "waiting":
      return `the clock is still not synchronised by ${seen.by} after ${formatDuration(waitMs)}`;
  }
}
