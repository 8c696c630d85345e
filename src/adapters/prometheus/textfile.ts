import type { EventListener } from "../../domain/run/events.ts";
import { createSerial } from "../../lib/async/serial.ts";
import { removeLeftovers, replaceAtPath } from "../host/path-files.ts";

/** The longest wait for a slow disk, in milliseconds. */
const timeoutMs = 10_000;

/** A metrics file for a collector. */
export type Textfile = {
  readonly onEvent: EventListener;
  /** Resolves when all events so far are in the file, or the disk has refused it. */
  flush(): Promise<void>;
};

/**
 * Keeps a file for the textfile collector of node_exporter up to date: written after each event, at once, and never
 * read half. A burst of events costs one write. It may be late but never blocks: a refusal of the disk is reported
 * once, and again after a successful write.
 * @param path absolute, ends in `.prom`
 */
export function keepTextfile(path: string, text: () => Promise<string>, onFailure: (why: string) => void): Textfile {
  const writes = createSerial();
  let waiting = false;
  let failed = false;
  const limits = { timeoutMs, signal: new AbortController().signal };
  // Of an agent that was killed while it wrote.
  let written = writes.run(() => removeLeftovers(path, limits)).catch(() => undefined);

  async function write(): Promise<void> {
    waiting = false;
    try {
      await replaceAtPath(path, await text(), limits);
      failed = false;
    } catch (error) {
      if (!failed) onFailure(error instanceof Error ? error.message : String(error));
      failed = true;
    }
  }

  function writeSoon(): Promise<void> {
    if (!waiting) written = writes.run(write);
    waiting = true;
    return written;
  }

  return {
    onEvent(event) {
      if (event.type !== "stage-output" && event.type !== "stage-progress") void writeSoon();
    },
    flush: writeSoon,
  };
}
