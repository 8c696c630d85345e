import type { Recording } from "../../../../src/domain/run/recording.ts";
import type { Now, Timeline } from "../../../../src/views/timeline/timeline.ts";
import { createTimeline } from "../../../../src/views/timeline/create-timeline.ts";

/** The timeline of a whole recording. */
export function timelineOf({ run, events, unreadable }: Recording, now?: Now): Timeline | undefined {
  const maker = createTimeline(run);
  for (const event of events) maker.add(event);
  return maker.result({ unreadable, now });
}
