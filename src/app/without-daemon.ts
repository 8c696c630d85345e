import { MusterError } from "../domain/errors/errors.ts";

/** Whether no daemon listens, so that a command may do the work itself. One that does not answer is another matter. */
export function isNotListening(error: unknown): boolean {
  return error instanceof MusterError && error.code === "daemon-unreachable";
}

/**
 * Works with the daemon; only if no daemon listens, with what `here` makes.
 * @param daemon one of its interfaces, over its socket
 */
export async function daemonOrHere<Port, Result>(
  daemon: Port,
  here: () => Promise<Port>,
  work: (port: Port) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(daemon);
  } catch (error) {
    if (!isNotListening(error)) throw error;
  }
  return work(await here());
}
