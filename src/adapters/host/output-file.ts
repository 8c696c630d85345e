import { open, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { MusterError } from "../../domain/errors.ts";

/**
 * Writes what a user asked for where the user said, over what was there; `/dev/stdout` and pipes work as well.
 * @throws MusterError `output-failed`
 */
export async function writeOutput(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw failed(error);
  }
}

const compress = promisify(gzip);

/** Compresses, and writes as `writePrivateFile` does. @returns the size of the file, in bytes */
export async function writeGzipped(file: string, bytes: Uint8Array): Promise<number> {
  const compressed = await compress(bytes);
  await writePrivateFile(file, compressed);
  return compressed.length;
}

/**
 * Writes a file that only its owner may read, all of it or none: what was there stays until the new one is whole.
 * @throws MusterError `output-failed`
 */
export async function writePrivateFile(file: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw failed(error);
  }
}

function failed(error: unknown): MusterError {
  return new MusterError({
    code: "output-failed",
    message: `Cannot write the output: ${error instanceof Error ? error.message : String(error)}`,
    hint: "Give another --output, in a directory that exists and has space.",
    cause: error,
  });
}
