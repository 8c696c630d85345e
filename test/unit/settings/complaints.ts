import { InvalidFileError } from "../../../src/domain/settings/problem.ts";

/** The lines of an error about files, without its headline; fails when there is no error, or another one. */
export function complaints(work: () => unknown): readonly string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof InvalidFileError) return error.message.split("\n").slice(1);
    throw error;
  }
  throw new Error("expected an InvalidFileError, and nothing was thrown");
}
