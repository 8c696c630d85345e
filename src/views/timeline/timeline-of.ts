import { isRecordingFull, type Recording } from "../../domain/recording.ts";
import { criticalPath } from "./critical-path.ts";
import { readRun } from "./read-run.ts";
import type { Now, Timeline } from "./timeline.ts";
import { totalsOf } from "./totals.ts";

/**
 * What happened in a run, in what order, how long it took and what held it up.
 * @param now where an agent is at work and this is its newest run: what is open ends here. Absent: with what was heard
 *   last
 * @returns undefined for a run of which nothing was recorded
 */
export function timelineOf(recording: Recording, now?: Now): Timeline | undefined {
  const read = readRun(recording, now);
  if (read === undefined) return undefined;
  const path = criticalPath(read.stages, read.gaps, read.durationMs);
  const { run, unreadable } = recording;
  const full = recording.events.some(isRecordingFull);
  return { ...read, run, criticalPath: path, totals: totalsOf(path), unreadable, full };
}
