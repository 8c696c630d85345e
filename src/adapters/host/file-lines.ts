import type { FileHandle } from "node:fs/promises";
import { longestLine, type StateLine } from "../../ports/state-files.ts";

const chunkBytes = 64 * 1024;

const newline = 0x0a;

/** The lines of a file from a byte on. No more than one line and one chunk are in memory. */
export async function* linesOf(handle: FileHandle, from: number): AsyncGenerator<StateLine, void> {
  const chunk = Buffer.alloc(chunkBytes);
  let position = from;
  let begun = createLine();
  while (true) {
    const { bytesRead } = await handle.read(chunk, 0, chunkBytes, position);
    if (bytesRead === 0) break;
    let at = 0;
    while (at < bytesRead) {
      const end = chunk.subarray(at, bytesRead).indexOf(newline);
      if (end < 0) {
        begun.add(chunk.subarray(at, bytesRead));
        break;
      }
      begun.add(chunk.subarray(at, at + end));
      at += end + 1;
      yield { text: begun.text(), next: position + at, complete: true };
      begun = createLine();
    }
    position += bytesRead;
  }
  if (begun.isBegun()) yield { text: begun.text(), next: position, complete: false };
}

/** A line whose bytes come in parts. The bytes of one that is too long are dropped. */
function createLine() {
  let parts: Buffer[] = [];
  let bytes = 0;
  return {
    add(part: Buffer): void {
      bytes += part.length;
      if (bytes > longestLine) parts = [];
      // The chunk is read into again.
      else if (part.length > 0) parts.push(Buffer.from(part));
    },
    text: () => (bytes > longestLine ? undefined : Buffer.concat(parts).toString("utf8")),
    isBegun: () => bytes > 0,
  };
}
