import type { FileHandle } from "node:fs/promises";
import { openToRead } from "../host/handles/open-to-read.ts";
import { createSplitter } from "./log-follower.ts";

const chunkBytes = 64 * 1024;

/** Reads a part of a unit's log. */
export type LogReader = {
  /**
   * Passes on the new complete lines.
   * @returns false if the part does not exist: the oldest logs are removed
   */
  read(): Promise<boolean>;
  /** Passes on an incomplete last line. */
  end(): void;
};

/**
 * A line belongs to the part in which it begins, so that the parts of a file contain every line once.
 * @param part of the file, in bytes; without `to` all the rest, future lines included
 */
export function createLogReader(
  part: { readonly file: string; readonly from: number; readonly to?: number },
  onLine: (line: string) => void,
): LogReader {
  const splitter = createSplitter(onLine, false);
  const buffer = Buffer.alloc(chunkBytes);
  let offset: number | undefined;

  async function readOn(handle: FileHandle): Promise<boolean> {
    const { size } = await handle.stat();
    if (size < part.from) return false;
    offset ??= await lineBegin(handle, part.from);
    const end = part.to === undefined ? size : await lineBegin(handle, part.to);
    while (offset < end) {
      const { bytesRead } = await handle.read(buffer, 0, Math.min(chunkBytes, end - offset), offset);
      if (bytesRead === 0) break;
      offset += bytesRead;
      splitter.push(buffer.subarray(0, bytesRead));
    }
    return true;
  }

  return {
    async read() {
      const handle = await openIfThere(part.file);
      if (handle === undefined) return false;
      try {
        return await readOn(handle);
      } finally {
        await handle.close();
      }
    },
    end: () => splitter.end(),
  };
}

/** The beginning of the first line that does not begin before `at`; the end of the file if none does. */
async function lineBegin(handle: FileHandle, at: number): Promise<number> {
  if (at === 0) return 0;
  const buffer = Buffer.alloc(chunkBytes);
  for (let offset = at - 1; ; offset += buffer.length) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
    const newline = buffer.subarray(0, bytesRead).indexOf("\n");
    if (newline >= 0) return offset + newline + 1;
    if (bytesRead < buffer.length) return offset + bytesRead;
  }
}

/** Undefined also for a special file, or for an impossible name: the recording may have been changed. */
async function openIfThere(file: string): Promise<FileHandle | undefined> {
  return openToRead(file).catch(() => undefined);
}
