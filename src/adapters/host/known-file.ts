import { stat } from "node:fs/promises";
import { readTextFile } from "./settings-files.ts";

/** A file system may give two writes the same time; what was written only just now is read again. In milliseconds. */
const settledMs = 1_000;

/**
 * A small file that is looked at every few seconds: read and understood anew only where it has changed, because both
 * cost far more than a look.
 * @returns what the file says now; undefined where there is none
 * @throws what `understand` throws, each time; MusterError `settings-unreadable`
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
    // Reading says what is wrong with it.
    return { version: "", isSettled: false };
  }
}
