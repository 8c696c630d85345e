import { compared } from "./compare.ts";
import type { Timeline } from "./timeline.ts";

/** The fields are those of `Timeline`, see docs/timeline.md; a breaking change changes `version`. */
export function timelineJson(timelines: readonly Timeline[]): string {
  const [one, other] = timelines;
  const value =
    one !== undefined && other !== undefined
      ? { version: 1, runs: [one, other], compared: compared(one, other) }
      : { version: 1, ...one };
  return `${JSON.stringify(value, null, 2)}\n`;
}
