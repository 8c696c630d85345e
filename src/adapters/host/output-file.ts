import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { MusterError } from "../../domain/errors/errors.ts";
import { replaceFile } from "./handles/replace-file.ts";
import { writeText } from "./handles/write-text.ts";

/**
 * Writes a file for a user to the path that the user gave, over an existing one; `/dev/stdout` and pipes work as well.
 * @throws MusterError `output-failed`
 */
export async function writeOutput(file: string, text: string): Promise<void> {
  try {
    await writeText(file, text);
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
 * Writes a file that only its owner may read, whole or not at all: the former one stays until the new one is complete.
 * @throws MusterError `output-failed`
 */
export async function writePrivateFile(file: string, bytes: Uint8Array): Promise<void> {
  try {
    await replaceFile(file, bytes, { mode: 0o600, durable: true });
  } catch (error) {
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
