import { closeSync, readdirSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { EventBody, EventListener, RunEvent } from "../../domain/run/events.ts";
import { isRecordingFull } from "../../domain/run/recording.ts";
import { runsInOrder } from "../../domain/run/run-id.ts";
import { formatSize } from "../../domain/text/units.ts";
import { openOwnFile } from "./handles/own-file.ts";

/** More than a run of hours with thousands of calls; a run without end must not fill the disk. */
const maxBytes = 8 * 1024 * 1024;

/**
 * Records the events of each run beside its journal, a line for each; events between two runs belong to the earlier
 * one. The output of units is in their own logs. A recording is for people: it is not synced, and a disk that refuses
 * loses lines of it, never a run. A full recording says so, and takes only the ends of its runs.
 * @param directory of the runs, absolute
 * @param tell emits the one event that the recorder itself makes; it has to come back like any other
 */
export function createRecorder(directory: string, tell: (event: EventBody, run?: string) => void): EventListener {
  let current = { run: newestIn(directory), size: 0 };

  function open(run: string): void {
    current = { run, size: recordedBytes(directory, run) };
  }

  if (current.run !== undefined) open(current.run);
  return (event) => {
    if (!isRecorded(event)) return;
    if (event.run !== undefined && event.run !== current.run) open(event.run);
    if (current.run === undefined) return;
    const wasFull = current.size > maxBytes;
    if (wasFull && !isKeptWhenFull(event)) return;
    const line = `${JSON.stringify(event)}\n`;
    try {
      append(fileOf(directory, current.run), line);
      current.size += Buffer.byteLength(line);
    } catch {
      // Not reported: status and journal have their own errors for a full disk.
    }
    if (!wasFull && current.size > maxBytes) tell(full(current.run), event.run);
  };
}

function append(file: string, line: string): void {
  const descriptor = openOwnFile(file, { file: 0o600 });
  try {
    writeSync(descriptor, line);
  } finally {
    closeSync(descriptor);
  }
}

/** A request to the daemon belongs to no run: the log has it, and a dry run leaves no trace in a run. */
function isRecorded(event: RunEvent): boolean {
  return event.type !== "stage-output" && event.type !== "control-asked";
}

function isKeptWhenFull(event: RunEvent): boolean {
  return event.type === "run-finished" || isRecordingFull(event);
}

function full(run: string): EventBody {
  const text = `The recording of run ${run} is full (${formatSize(maxBytes)}): what follows is not in it`;
  return { type: "notice", level: "warning", code: "recording-full", text };
}

function fileOf(directory: string, run: string): string {
  return join(directory, run, "events.jsonl");
}

function newestIn(directory: string): string | undefined {
  try {
    return runsInOrder(readdirSync(directory)).at(-1);
  } catch {
    return undefined;
  }
}

/**
 * The recorded events of a run.
 * @param directory of the runs, absolute
 */
export function recordedBytes(directory: string, run: string): number {
  return statSync(fileOf(directory, run), { throwIfNoEntry: false })?.size ?? 0;
}
