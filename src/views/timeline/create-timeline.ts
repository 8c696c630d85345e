import type { RunEvent } from "../../domain/run/events.ts";
import { isRecordingFull } from "../../domain/run/recording.ts";
import { criticalPath } from "./critical-path.ts";
import { createRunReading } from "./read-run.ts";
import type { Now, Timeline } from "./timeline.ts";
import { totalsOf } from "./totals.ts";

/** Makes the timeline of a run from its events. */
export type TimelineMaker = {
  /** The next event of the recording: it may be larger than what fits into memory. */
  add(event: RunEvent): void;
  /**
   * @param about how many lines of the recording could not be read; and the present moment, if an agent is at work and
   * this is its newest run: open parts end there. Without it they end with the last event
   * @returns undefined for a run without events
   */
  result(about: { readonly unreadable: number; readonly now?: Now | undefined }): Timeline | undefined;
};

export function createTimeline(run: string): TimelineMaker {
  const reading = createRunReading(run);
  let full = false;
  return {
    add(event) {
      full ||= isRecordingFull(event);
      reading.add(event);
    },
    result({ unreadable, now }) {
      const read = reading.result(now);
      if (read === undefined) return undefined;
      const path = criticalPath(read.stages, read.gaps, read.durationMs);
      return { ...read, run, criticalPath: path, totals: totalsOf(path), unreadable, full };
    },
  };
}
