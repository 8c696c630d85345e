import type { RunEvent } from "../domain/events.ts";
import { stageNames } from "../domain/run.ts";

type Shape = "string" | "number" | "boolean" | "object" | "array" | "stage";

/** What each event cannot be told without. What may be absent is not looked at: nobody else writes these files. */
const shapes: Readonly<Record<RunEvent["type"], Readonly<Record<string, Shape>>>> = {
  "run-started": { cause: "string", startType: "string", dryRun: "boolean", resumed: "boolean" },
  "stage-started": { stage: "stage" },
  "stage-progress": { stage: "stage", text: "string", waiting: "boolean" },
  "stage-output": { stage: "stage", line: "string" },
  "stage-finished": { stage: "stage", outcome: "string", durationMs: "number", summary: "string", facts: "object" },
  "stage-planned": { stage: "stage", steps: "array" },
  "run-facts": { facts: "object" },
  "run-finished": { end: "object", durationMs: "number" },
  "state-changed": { state: "string", reason: "string" },
  "pause-changed": {},
  "health-changed": {},
  "slot-changed": {},
  "membership-pending": {},
  "drift-checked": { drift: "object" },
  "retry-scheduled": { inMs: "number", nextAt: "string" },
  "command-started": { stage: "stage", id: "number", command: "string" },
  "command-finished": { stage: "stage", id: "number", command: "string", durationMs: "number", ended: "string" },
  "cloud-call": { operation: "string", durationMs: "number", attempts: "number" },
  notice: { level: "string", code: "string", text: "string" },
};

/** One line of a recording; undefined for what a power cut left of one, and for an event of a newer binary. */
export function parseEvent(line: string): RunEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isEvent(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isEvent(value: unknown): value is RunEvent {
  if (!isObject(value) || !isTime(value["at"])) return false;
  const [, shape] = Object.entries(shapes).find(([type]) => type === value["type"]) ?? [];
  return shape !== undefined && Object.entries(shape).every(([name, expected]) => hasShape(value[name], expected));
}

function hasShape(value: unknown, shape: Shape): boolean {
  switch (shape) {
    case "stage":
      return stageNames.some((stage) => stage === value);
    case "array":
      return Array.isArray(value);
    case "object":
      return isObject(value);
    default:
      return typeof value === shape;
  }
}

function isTime(value: unknown): boolean {
  return typeof value === "string" && !Number.isNaN(Date.parse(value));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
