import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { EventListener } from "../../domain/events.ts";

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
  let writing = Promise.resolve();
  let waiting = false;
  let failed = false;

  async function write(): Promise<void> {
    waiting = false;
    try {
      await replace(path, await text());
      failed = false;
    } catch (error) {
      if (!failed) onFailure(error instanceof Error ? error.message : String(error));
      failed = true;
    }
  }

  function writeSoon(): Promise<void> {
    if (!waiting) writing = writing.then(write);
    waiting = true;
    return writing;
  }

  return {
    onEvent(event) {
      if (event.type !== "stage-output" && event.type !== "stage-progress") void writeSoon();
    },
    flush: writeSoon,
  };
}

/** Readable by everybody, whatever our umask is: node_exporter is nobody's root. */
async function replace(path: string, text: string): Promise<void> {
  await makeReadable(dirname(path));
  // node_exporter reads `*.prom` alone.
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text);
    await chmod(temporary, 0o644);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** The directory and those above it that are missing. */
async function makeReadable(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true });
  if (first === undefined) return;
  for (let made = directory; made.startsWith(first); made = dirname(made)) await chmod(made, 0o755);
}
