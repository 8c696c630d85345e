import { writeFile } from "node:fs/promises";
import { MusterError } from "../../domain/errors.ts";

/**
 * Writes what a user asked for where the user said, over what was there; `/dev/stdout` and pipes work as well.
 * @throws MusterError `output-failed`
 */
export async function writeOutput(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new MusterError({
      code: "output-failed",
      message: `Cannot write the output: ${error instanceof Error ? error.message : String(error)}`,
      hint: "Give another --output, in a directory that exists and has space.",
      cause: error,
    });
  }
}
