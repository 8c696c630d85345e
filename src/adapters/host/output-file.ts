import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
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

/**
 * Compresses as the parts come, and writes as `writePrivateFile` does.
 * @returns the size of the file, in bytes
 * @throws MusterError `output-failed`; what `parts` throws, as it is
 */
export async function writeGzipped(file: string, parts: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  let broken: { readonly error: unknown } | undefined;
  async function* source(): AsyncGenerator<Uint8Array, void> {
    try {
      yield* parts;
    } catch (error) {
      broken = { error };
      throw error;
    }
  }
  async function* compressed(): AsyncGenerator<Uint8Array, void> {
    const gzip = createGzip();
    // Its errors end the compressor, and the loop below with it.
    pipeline(source(), gzip).catch(() => undefined);
    for await (const part of gzip as AsyncIterable<Buffer>) {
      bytes += part.length;
      yield part;
    }
  }
  try {
    await replaceFile(file, compressed(), privately);
  } catch (error) {
    throw broken === undefined ? failed(error) : broken.error;
  }
  return bytes;
}

const privately = { mode: 0o600, durable: true } as const;

/**
 * Writes a file that only its owner may read, whole or not at all: the former one stays until the new one is complete.
 * @throws MusterError `output-failed`
 */
export async function writePrivateFile(file: string, bytes: Uint8Array): Promise<void> {
  try {
    await replaceFile(file, bytes, privately);
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
