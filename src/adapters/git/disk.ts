import { MusterError } from "../../domain/errors/errors.ts";

/**
 * Works on files below `path`, with errors of the operating system in plain words. @throws MusterError
 * `state-write-failed` (transient)
 */
export async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && "syscall" in error) throw diskFailure(path, error.message, error);
    throw error;
  }
}

/** The file system refuses the write. */
export function diskFailure(path: string, why: string, cause?: unknown): MusterError {
  return new MusterError({
    code: "state-write-failed",
    message: `Cannot write below ${path}: ${why}`,
    hint: "Check free space (df -h, df -i), that the file system is writable, and that muster runs as root.",
    cause,
    transient: true,
  });
}
