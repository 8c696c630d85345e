import type { FileHandle } from "node:fs/promises";
import { stripVTControlCharacters } from "node:util";
import { openOwnHandle } from "../host/handles/own-file.ts";

/** Reads the lines that another process appends to a file. */
export type LogFollower = {
  /** Passes on the lines that were completed since the last call. */
  read(): Promise<void>;
  /** The same, with an incomplete last line: the writer has ended. */
  end(): Promise<void>;
  close(): Promise<void>;
};

/** The rest of a longer line is dropped, and the line ends in an ellipsis. Characters. */
const maxLine = 4096;

/**
 * Follows a file from its end; a half-written line is left out whole. A missing file and its directory are made, so
 * that watcher and writer find them.
 */
export async function followLog(file: string, onLine: (line: string) => void): Promise<LogFollower> {
  const handle = await openOwnHandle(file, { file: 0o640, directory: 0o750 });
  const { size } = await handle.stat();
  const splitter = createSplitter(onLine, size > 0 && !(await endsWithNewline(handle, size)));
  const buffer = Buffer.alloc(64 * 1024);
  let offset = size;

  async function read(): Promise<void> {
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
      if (bytesRead === 0) return;
      offset += bytesRead;
      splitter.push(buffer.subarray(0, bytesRead));
    }
  }

  return {
    read,
    async end() {
      await read();
      splitter.end();
    },
    close: () => handle.close(),
  };
}

async function endsWithNewline(handle: FileHandle, size: number): Promise<boolean> {
  const last = Buffer.alloc(1);
  await handle.read(last, 0, 1, size - 1);
  return last[0] === 0x0a;
}

/**
 * Bytes to readable lines: invalid UTF-8 replaced, colours and control characters removed, a carriage return (a
 * progress bar) ends a line too, empty lines left out.
 * @param inLine whether the first bytes belong to a line that is to be skipped
 */
export function createSplitter(onLine: (line: string) => void, inLine: boolean) {
  const decoder = new TextDecoder("utf-8");
  let skipping = inLine;
  let pending = "";

  function emit(line: string): void {
    const clean = cleanLine(line);
    if (!skipping && clean !== "") onLine(clean);
    skipping = false;
  }

  function take(text: string): void {
    const lines = (pending + text).split(/\r\n|\n|\r/);
    // One character more shows that the line was longer.
    pending = (lines.pop() ?? "").slice(0, maxLine + 1);
    for (const line of lines) emit(line);
  }

  return {
    push: (bytes: Uint8Array) => take(decoder.decode(bytes, { stream: true })),
    end() {
      take(decoder.decode());
      if (pending !== "") emit(pending);
      pending = "";
    },
  };
}

function cleanLine(line: string): string {
  const plain = stripVTControlCharacters(line.slice(0, maxLine));
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  const clean = plain.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "").trimEnd();
  return line.length > maxLine ? `${clean}…` : clean;
}
