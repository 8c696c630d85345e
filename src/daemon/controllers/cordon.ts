import type { Cordon } from "../../domain/membership/departure.ts";
import { usualLeave } from "../../domain/membership/leaving.ts";
import { abortable } from "../../lib/async/abortable.ts";
import { firstOf } from "../../lib/async/first.ts";
import { createReportGate } from "../../lib/async/report.ts";
import type { DaemonDeps } from "../deps.ts";

type Deps = Pick<DaemonDeps, "departures" | "duty" | "clock">;

/**
 * The cordon: the instance serves on but starts no run and no patching by itself, because the cloud may soon take the
 * machine back and interrupt them. It ends by itself: the metadata keeps a recommendation for as long as the machine
 * lives, also where nothing follows from it. Undefined without a cordon.
 */
export function cordonOf({ departures, duty, clock }: Deps): Cordon | undefined {
  const { rebalance, cordonMs } = duty.current()?.role.leave ?? usualLeave;
  if (rebalance !== "cordon") return undefined;
  const now = clock.now().getTime();
  const all = departures.current().filter(({ kind }) => kind === "rebalance");
  const cordons = all.map(({ text, since = iso(now) }) => ({
    reason: text,
    since,
    until: iso(Date.parse(since) + cordonMs),
  }));
  // One that is dated further ahead than a cordon lasts is garbage, or this machine's clock is: it would never end.
  return cordons.findLast(({ since, until }) => Date.parse(until) > now && Date.parse(since) - now < cordonMs);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** Resolves at the next change; the listener's first call may come at once, with what is known. */
async function changed(watch: (listener: () => void) => () => void, signal: AbortSignal): Promise<void> {
  const next = Promise.withResolvers<void>();
  let isListening = false;
  const end = watch(() => {
    if (isListening) next.resolve();
  });
  isListening = true;
  try {
    await abortable(next.promise, signal);
  } finally {
    end();
  }
}

/** Reports when a cordon begins and when it is over, until `signal` aborts. */
export async function reportCordon(
  deps: Deps & Pick<DaemonDeps, "bus" | "status">,
  signal: AbortSignal,
): Promise<void> {
  const { departures, duty, clock, bus } = deps;
  // The status on disk may hold the cordon of an earlier process.
  const reported = createReportGate<string>(keyOf(deps.status.current().cordon));
  while (true) {
    // Before the cloud was asked, nothing counts as over.
    const cordon = departures.heard("notices") ? cordonOf(deps) : deps.status.current().cordon;
    if (reported.isNew(keyOf(cordon))) {
      bus.emit({ type: "cordon-changed", ...(cordon === undefined ? {} : { cordon }) });
      const text =
        cordon === undefined
          ? "The cordon is over: the instance begins runs and patching by itself again"
          : `Serving on, and beginning no run and no patching by itself before ${cordon.until}: ${cordon.reason}`;
      bus.emit({ type: "notice", level: cordon === undefined ? "info" : "warning", code: "cordoned", text });
    }
    const leftMs = cordon === undefined ? Infinity : Date.parse(cordon.until) - clock.now().getTime();
    await firstOf(signal, [
      (own) => changed((listener) => departures.watch(listener), own),
      (own) => changed((listener) => duty.watch(listener), own),
      // Not in one piece: the wall clock may be set meanwhile.
      (own) => clock.sleep(Math.min(Math.max(leftMs, 0), longestSleepMs), own),
    ]);
  }
}

const longestSleepMs = 600_000;

function keyOf(cordon: Cordon | undefined): string {
  return cordon === undefined ? "none" : `${cordon.since} ${cordon.until}`;
}
