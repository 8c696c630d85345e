import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { firstOf } from "../../../lib/async/first.ts";
import type { Clock } from "../../../ports/clock.ts";

/**
 * After this time without a change there will be none: a silent server is given up after 20 seconds, and three silent
 * name servers with a search domain after 84 (apt 2.6; two after 60). In milliseconds.
 */
const standstillMs = 120_000;
const pollMs = 5_000;

/**
 * Does `work`, and aborts it with `reason` when its files have not changed for two minutes: apt may wait for its own
 * download process for ever if it could not store a file (a full disk).
 * @param places files and directories that it writes while it works; of a directory, the files directly in it
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

/** Names, sizes and times of the files. */
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
