import { AsyncLocalStorage } from "node:async_hooks";
import type { CommandEnd, CommandNews, UnitOutput } from "../../domain/run/events.ts";
import type { CommandWatch, WatchNews } from "../../ports/command-watch.ts";

/**
 * The listener for the current work; it follows the work through every await. Commands start deep inside the
 * adapters, at more than seventy places: an argument would go through every port only to report them.
 */
const hearers = new AsyncLocalStorage<((news: WatchNews) => void) | undefined>();

let lastId = 0;

/** The watch over commands of this process. */
export function createCommandWatch(): CommandWatch {
  return { during: (hear, work) => hearers.run(hear, work) };
}

/** Calls the listeners of the current work. @returns whether there are any */
export function emitToWatch(news: WatchNews): boolean {
  const hear = hearers.getStore();
  hear?.(news);
  return hear !== undefined;
}

/**
 * Work whose commands are the agent's own business, as a request to systemd to start a unit that is reported itself.
 */
export function unwatched<T>(work: () => Promise<T>): Promise<T> {
  return hearers.run(undefined, work);
}

/**
 * Reports `work` as a command, from its start to its end.
 * @param command program and verb, never an argument that may be a secret
 */
export async function watched<T>(
  command: { readonly command: string; readonly unit?: UnitOutput },
  endOf: (result: T) => CommandEnd,
  work: () => Promise<T>,
): Promise<T> {
  const hear = hearers.getStore();
  if (hear === undefined) return work();
  lastId += 1;
  const id = lastId;
  const begun = performance.now();
  const finished = (end: CommandEnd): CommandNews => {
    const durationMs = performance.now() - begun;
    return { type: "command-finished", id, command: command.command, durationMs, ...end };
  };
  hear({ type: "command-started", id, ...command });
  try {
    const result = await work();
    hear(finished(endOf(result)));
    return result;
  } catch (error) {
    hear(finished({ ended: "aborted" }));
    throw error;
  }
}
