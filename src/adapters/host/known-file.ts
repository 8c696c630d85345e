import { stat } from "node:fs/promises";
import { readTextFile } from "./settings-files.ts";

/** A file system may give two writes the same time, so a file that was just written is read again. In milliseconds. */
const settledMs = 1_000;

/**
 * A small file that is checked every few seconds: read and parsed anew only if it has changed, because both cost far
 * more than the check.
 * @returns the parsed content; undefined without a file
 * @throws the errors of `understand`, each time; MusterError `settings-unreadable`
 */
export function createKnownFile<Value>(
  file: string,
  understand: (text: string, file: string) => Value,
): () => Promise<Value | undefined> {
  let known: { readonly version: string; readonly value: Value } | undefined;

  return async () => {
    const before = await versionOf(file);
    if (known !== undefined && before.version === known.version) return known.value;
    const found = await readTextFile(file);
    const value = found === undefined ? undefined : understand(found.text, found.file);
    known = value === undefined || !before.isSettled ? undefined : { version: before.version, value };
    return value;
  };
}

async function versionOf(file: string): Promise<{ readonly version: string; readonly isSettled: boolean }> {
  try {
    const { ino, size, mtimeNs, ctimeNs, ctimeMs } = await stat(file, { bigint: true });
    return { version: [ino, size, mtimeNs, ctimeNs].join(" "), isSettled: Date.now() - Number(ctimeMs) > settledMs };
  } catch {
    // Reading finds out the error.
    return { version: "", isSettled: false };
  }
}
