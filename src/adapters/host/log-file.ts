import { closeSync, fstatSync, renameSync, writeSync } from "node:fs";
import { pino } from "pino";
import type { EventListener, RunEvent } from "../../domain/run/events.ts";
import { openOwnFile } from "./handles/own-file.ts";

/** A destination for pino's lines. */
export type LogTarget = { write(line: string): void };

/** Every event with all its fields, as JSON lines. */
export function createEventLog(target: LogTarget): EventListener {
  const log = pino({ base: { pid: process.pid }, level: "debug", timestamp: pino.stdTimeFunctions.isoTime }, target);
  return (event) => log[levelOf(event)]({ event }, event.type);
}

function levelOf(event: RunEvent): "debug" | "info" | "warn" | "error" {
  switch (event.type) {
    case "cloud-call":
      return "debug";
    case "stage-finished":
      return event.error === undefined ? "info" : "error";
    case "notice":
      return event.level === "warning" ? "warn" : event.level;
    default:
      return "info";
  }
}

/**
 * A file of bounded size: a full file becomes `FILE.1`, the former one goes. A disk that refuses loses log lines, never
 * a run.
 * @param maxBytes of each of the two files
 */
export function createBoundedFile(path: string, maxBytes: number): LogTarget {
  let descriptor: number | undefined;
  let size = 0;

  function open(): number {
    const opened = openOwnFile(path, { file: 0o640, directory: 0o750 });
    size = fstatSync(opened).size;
    return opened;
  }

  function rotate(full: number): number {
    closeSync(full);
    descriptor = undefined;
    renameSync(path, `${path}.1`);
    return open();
  }

  return {
    write(line) {
      try {
        descriptor ??= open();
        if (size > 0 && size + Buffer.byteLength(line) > maxBytes) descriptor = rotate(descriptor);
        size += writeSync(descriptor, line);
      } catch {
        // Not reported: there is no place left for it, and status and journal have their own errors.
      }
    },
  };
}
