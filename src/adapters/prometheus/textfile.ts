import type { EventListener } from "../../domain/events.ts";
import { createSerial } from "../../lib/async/serial.ts";
import { removeLeftovers, replaceAtPath } from "../host/path-files.ts";

/** A disk that takes longer is not waited for, in milliseconds. */
const timeoutMs = 10_000;

/** A file that monitoring reads. */
export type Textfile = {
  readonly onEvent: EventListener;
  /** Resolves when everything heard so far is in the file, or the disk has refused it. */
  flush(): Promise<void>;
};

/**
 * Keeps a file for the textfile collector of node_exporter true: written after what happens, at once, and never
 * read half. A burst of events costs one write. It may go stale but never in the way: that a disk takes nothing is
 * said once, and again after a write that went well.
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
