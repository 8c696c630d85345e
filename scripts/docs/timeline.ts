// The picture of docs/timeline.md: a first boot on AWS, as the lab recorded it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEvent } from "../../src/queries/recorded-event.ts";
import { timelineSvg } from "../../src/views/timeline/svg.ts";
import { createTimeline } from "../../src/views/timeline/create-timeline.ts";
import type { Timeline } from "../../src/views/timeline/timeline.ts";

/** Of the recording beside this file. */
export function recordedTimeline(): Timeline {
  const text = readFileSync(join(import.meta.dirname, "first-boot.jsonl"), "utf8");
  const events = text.split("\n").flatMap((line) => parseEvent(line) ?? []);
  const maker = createTimeline(events[0]?.run ?? "");
  for (const event of events) maker.add(event);
  const timeline = maker.result({ unreadable: 0 });
  if (timeline === undefined) throw new Error("the recording is empty");
  return timeline;
}

export function timelinePicture(): string {
  return timelineSvg([recordedTimeline()]);
}
