import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { firstOf } from "../../../lib/async/first.ts";
import type { Clock } from "../../../ports/clock.ts";

/**
 * For so long nothing changes only where nothing ever will: a server that says nothing is given up after 20 seconds, and
 * three name servers that say nothing, beside a search domain, after 84 (apt 2.6; two after 60). In milliseconds.
 */
const standstillMs = 120_000;
const pollMs = 5_000;

/**
 * Does `work`, and aborts it with `reason` when for two minutes nothing has changed in what it writes: apt that could not
 * store a file (a full disk) may wait for its own download process for ever.
 * @param places files and directories that it writes while it works; of a directory, what lies directly in it
 */
export async function unlessItStandsStill<Result>(
  places: readonly string[],
  reason: Error,
  clock: Clock,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  return firstOf(signal, [
    work,
    async (own) => {
      await untilStandstill(places, clock, own);
      throw reason;
    },
  ]);
}

async function untilStandstill(places: readonly string[], clock: Clock, signal: AbortSignal): Promise<void> {
  let seen = await traces(places);
  let sinceMs = clock.monotonicMs();
  while (clock.monotonicMs() - sinceMs < standstillMs) {
    await clock.sleep(pollMs, signal);
    const now = await traces(places);
    if (now === seen) continue;
    seen = now;
    sinceMs = clock.monotonicMs();
  }
}

/** Names, sizes and times of what is there. */
async function traces(places: readonly string[]): Promise<string> {
  const files = await Promise.all(
    places.map(async (place) => [place, ...(await readdir(place).catch(() => [])).map((name) => join(place, name))]),
  );
  const found = files.flat().map(async (file) => {
    const { size, mtimeMs } = await stat(file).catch(() => ({ size: 0, mtimeMs: 0 }));
    return `${file} ${size} ${mtimeMs}`;
  });
  return (await Promise.all(found)).join("\n");
}
