import { readdir, type FileHandle } from "node:fs/promises";
import { formatSize } from "../../domain/text/units.ts";
import { exec } from "./exec.ts";
import { openToRead } from "./handles/open-to-read.ts";

/** The end of a text, and how long all of it is. */
export type Tail = {
  readonly text: string;
  /** In bytes, of the whole; absent when the text is all of it. */
  readonly cutFrom?: number;
};

/**
 * A text file; of one that is longer, whole lines from its end. What is no UTF-8 reads as U+FFFD.
 * @throws what the file system says
 */
export async function readTail(file: string, maxBytes: number): Promise<Tail> {
  const handle = await openToRead(file);
  try {
    const { size } = await handle.stat();
    if (size <= maxBytes) return { text: await handle.readFile("utf8") };
    const bytes = await readAt(handle, size - maxBytes, maxBytes);
    const whole = bytes.subarray(bytes.indexOf("\n") + 1);
    return { text: `[cut: this is the end of ${size} bytes]\n${whole.toString("utf8")}`, cutFrom: size };
  } finally {
    await handle.close();
  }
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

/** The names in a directory, sorted; one that cannot be read has none. */
export async function namesIn(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch((): string[] => []);
  return names.toSorted();
}

/** What a command said, or why it said nothing. */
export type Said = { readonly text: string; readonly exit?: number } | { readonly why: string };

/** Asks a program of the machine; nothing of it is waited for longer than `timeoutMs`. @throws the signal's reason */
export async function ask(
  argv: readonly [string, ...string[]],
  {
    timeoutMs,
    maxBytes,
    signal,
  }: { readonly timeoutMs: number; readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<Said> {
  const { outcome, code, stdout, stderr, cut } = await exec({ argv, timeoutMs, maxBytes, signal, beginning: true });
  const said = stderr === "" ? stdout : `${stdout}[standard error]\n${stderr}`;
  const text = cut === true ? `[cut: of each output this is the first ${formatSize(maxBytes)}]\n${said}` : said;
  switch (outcome) {
    case "missing":
      return { why: `${argv[0]} is not installed` };
    case "timed-out":
      return { why: `it did not end within ${timeoutMs / 1000} s` };
    case "killed":
      return { why: "it was killed" };
    case "exited":
      return code === 0 ? { text } : { text, exit: code };
  }
}
