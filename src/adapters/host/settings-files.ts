import { readdir, readlink, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { MusterError } from "../../domain/errors/errors.ts";
import { requireGuarded } from "./guarded-file.ts";
import { openToRead } from "./handles/open-to-read.ts";

/** A file and its content; invalid UTF-8 reads as U+FFFD. */
export type TextFile = { readonly file: string; readonly text: string };

/** One byte and a byte order mark more than the limit: a larger file is not read to its end. */
const maxBytes = 1024 * 1024 + 4;

/**
 * The settings: the main file, then `*.yaml` of the directory in the order of their names.
 * @param guard the check of each file and of the directory; by default, that no other user may change them
 * @throws MusterError `settings-missing`, `settings-unreadable`, `settings-writable-by-others`
 */
export async function readSettingsFiles(
  file: string,
  directory: string,
  guard: (path: string) => void = requireGuarded,
): Promise<readonly [TextFile, ...TextFile[]]> {
  guard(file);
  guard(directory);
  const main = await readTextFile(file);
  if (main === undefined) {
    throw new MusterError({
      code: "settings-missing",
      message: `There are no settings: ${file} does not exist`,
      hint: `Write ${file}: cloud and config.url are all it needs; docs/settings.md explains every key.`,
    });
  }
  const names = (await namesIn(directory)).filter((name) => name.endsWith(".yaml") && !name.startsWith("."));
  const layers = await Promise.all(
    names.toSorted().map((name) => {
      guard(join(directory, name));
      return readTextFile(join(directory, name));
    }),
  );
  return [main, ...layers.filter((layer) => layer !== undefined)];
}

/**
 * A text file; undefined without one. A dangling link is an error: a file was wanted there.
 * @throws MusterError `settings-unreadable`
 */
export async function readTextFile(file: string): Promise<TextFile | undefined> {
  try {
    const handle = await openToRead(file);
    try {
      const { size } = await handle.stat();
      return { file, text: new TextDecoder("utf-8").decode(await contentOf(handle, size)) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    const linked = codeOf(error) === "ENOENT" ? await readlink(file).catch(() => undefined) : undefined;
    if (linked !== undefined) throw unreadable(file, `it is a link to ${linked}, which is not there`, error);
    if (codeOf(error) === "ENOENT") return undefined;
    throw unreadable(file, codeOf(error) === "EINVAL" ? "it is no regular file" : codeOf(error), error);
  }
}

/**
 * To the end of the file or the limit: one read may return less than the file has, and a file may have grown since, or
 * have no size (as those of /proc).
 */
async function contentOf(handle: FileHandle, size: number): Promise<Buffer> {
  let buffer = Buffer.alloc(Math.min(maxBytes, size + 1));
  let length = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
    length += bytesRead;
    if (bytesRead === 0 || length === maxBytes) return buffer.subarray(0, length);
    if (length === buffer.length) buffer = Buffer.concat([buffer], Math.min(maxBytes, length * 2));
  }
}

/** The kind of the file at a path, symbolic links followed; undefined for none, and for special files. */
export async function kindOf(path: string): Promise<"file" | "directory" | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() === true) return "file";
  return found?.isDirectory() === true ? "directory" : undefined;
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw unreadable(directory, codeOf(error), error);
  }
}

function unreadable(file: string, why: string, cause?: unknown): MusterError {
  return new MusterError({
    code: "settings-unreadable",
    message: `${file} cannot be read: ${why}`,
    hint: `See that ${file} is a plain file, or a directory where one belongs, which root may read; run muster as root.`,
    cause,
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : String(error);
}
