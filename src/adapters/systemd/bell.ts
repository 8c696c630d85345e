import { watch, type FSWatcher } from "node:fs";

/** Wakes its one waiter when a watched path changes. */
export type Bell = {
  /**
   * Resolves after a change since the last call, after `ms` in any case, and when the signal aborts (it never rejects).
   * At most a hundred times a second, so that a program with much output does not keep the agent busy.
   */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  close(): void;
};

const restMs = 10;
/** For a kernel without a free inotify watch. */
const unwatchedMs = 250;

/** A bell over inotify. The paths must exist. */
export function createBell(paths: readonly string[]): Bell {
  let rung = false;
  let wake: (() => void) | undefined;
  function ring(): void {
    rung = true;
    wake?.();
  }
  const watchers = paths.flatMap((path) => watcherOf(path, ring));
  const blind = watchers.length < paths.length;

  async function wait(ms: number, signal: AbortSignal): Promise<void> {
    if (rung) await pause(restMs, signal);
    else await pause(blind ? Math.min(ms, unwatchedMs) : ms, signal);
    rung = false;
  }

  function pause(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        wake = undefined;
        resolve();
      }
      const timer = setTimeout(done, ms);
      if (!rung) wake = done;
      signal.addEventListener("abort", done);
    });
  }

  return {
    wait,
    close() {
      for (const watcher of watchers) watcher.close();
    },
  };
}

function watcherOf(path: string, ring: () => void): readonly FSWatcher[] {
  try {
    const watcher = watch(path, { persistent: false }, ring);
    // A watch that fails later only makes the checks rarer: the waiter's own deadline still comes.
    watcher.on("error", ring);
    return [watcher];
  } catch {
    return [];
  }
}
