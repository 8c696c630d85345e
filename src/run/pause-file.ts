import { leftOfPause, longestPauseMs, type Moment, type TimedPause } from "../domain/pause.ts";
import type { StateFiles } from "../ports/state-files.ts";

export const pauseFile = "pause.json";

/** The pause on disk, unless it is over; what cannot be read is none. */
export async function readPause(files: Pick<StateFiles, "read">, at: Moment): Promise<TimedPause | undefined> {
  const text = await files.read(pauseFile);
  const pause = text === undefined ? undefined : parse(text);
  return pause === undefined || leftOfPause(pause, at) === 0 ? undefined : pause;
}

export async function writePause(files: Pick<StateFiles, "write">, pause: TimedPause): Promise<void> {
  await files.write(pauseFile, `${JSON.stringify({ v: 1, ...pause })}\n`);
}

function parse(text: string): TimedPause | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isPause(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A cheap look: the file is our own, and `muster status` must stay fast. */
export function isPause(value: unknown): value is TimedPause {
  if (typeof value !== "object" || value === null) return false;
  const given: Readonly<Record<string, unknown>> = { ...value };
  const { since, until, untilUpMs } = given;
  const words = [given["reason"], given["by"], given["bootId"], since, until];
  if (given["v"] !== 1 || typeof untilUpMs !== "number" || !words.every((word) => typeof word === "string"))
    return false;
  const lasts = Date.parse(String(until)) - Date.parse(String(since));
  return lasts >= 0 && lasts <= longestPauseMs;
}
