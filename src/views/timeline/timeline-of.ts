import { isRecordingFull, type Recording } from "../../domain/run/recording.ts";
import { criticalPath } from "./critical-path.ts";
import { readRun } from "./read-run.ts";
import type { Now, Timeline } from "./timeline.ts";
import { totalsOf } from "./totals.ts";

/**
 * The events of a run, their order, durations and causes.
 * @param now if an agent is at work and this is its newest run: open parts end here. Absent: they end with the last
 * event
 * @returns undefined for a run without events
 */
export function timelineOf(recording: Recording, now?: Now): Timeline | undefined {
  const read = readRun(recording, now);
  if (read === undefined) return undefined;
  const path = criticalPath(read.stages, read.gaps, read.durationMs);
  const { run, unreadable } = recording;
  const full = recording.events.some(isRecordingFull);
  return { ...read, run, criticalPath: path, totals: totalsOf(path), unreadable, full };
}
