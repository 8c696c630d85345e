import { leftOfPause, longestPauseMs, type Moment, type TimedPause } from "../../domain/instance/pause.ts";
import { stateFile } from "../../ports/state-file.ts";
import type { StateFiles } from "../../ports/state-files.ts";

/** A guard and no schema: the file is muster's own, and `muster status` must stay fast. */
export const pauseFile = stateFile<TimedPause>("pause.json", {
  safeParse: (value) => (isPause(value) ? { success: true, data: value } : { success: false }),
});

/** The pause on disk, unless it is over; an unreadable one counts as none. */
export async function readPause(files: Pick<StateFiles, "read">, at: Moment): Promise<TimedPause | undefined> {
  const pause = await pauseFile.read(files);
  return pause === undefined || leftOfPause(pause, at) === 0 ? undefined : pause;
}

function isPause(value: unknown): value is TimedPause {
  if (typeof value !== "object" || value === null) return false;
  const given: Readonly<Record<string, unknown>> = { ...value };
  const { since, until, untilUpMs } = given;
  const words = [given["reason"], given["by"], given["bootId"], since, until];
  if (typeof untilUpMs !== "number" || !words.every((word) => typeof word === "string")) return false;
  const lasts = Date.parse(String(until)) - Date.parse(String(since));
  return lasts >= 0 && lasts <= longestPauseMs;
}
