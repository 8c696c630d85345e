import {
  leftOfPause,
  longestPauseMs,
  type Moment,
  type Pause,
  type PauseOver,
  type TimedPause,
} from "../../domain/instance/pause.ts";
import type { EventBody } from "../../domain/run/events.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Pauses } from "../../ports/pauses.ts";
import type { StateFiles } from "../../ports/state-files.ts";
import { pauseFile, readPause } from "../../run/state/pause-file.ts";

/** The pause of this process and its copy on disk. */
export type PauseKeeper = Pauses & {
  load(): Promise<void>;
  /** Undefined without a pause. Schedules and the leave for failing health read it each time. */
  current(): Pause | undefined;
  /** How long the pause still lasts, in milliseconds; 0 without one. */
  leftMs(): number;
  /** Removes an expired pause and reports it, also one that expired before it was loaded. */
  expire(): Promise<void>;
};

export type PauseKeeperDeps = {
  readonly files: Pick<StateFiles, "read" | "write" | "remove">;
  readonly clock: Pick<Clock, "now" | "uptimeMs">;
  readonly bootId: string;
  /** Called with each change. */
  readonly report: (pause: TimedPause | undefined, over?: PauseOver) => void;
};

/** The event for a change of the pause. */
export function pauseChanged(pause: TimedPause | undefined, over: PauseOver | undefined): EventBody {
  if (pause === undefined) return { type: "pause-changed", ...(over === undefined ? {} : { over }) };
  const { bootId: _boot, untilUpMs: _until, ...shown } = pause;
  return { type: "pause-changed", pause: shown };
}

export function createPauseKeeper({ files, clock, bootId, report }: PauseKeeperDeps): PauseKeeper {
  let kept: TimedPause | undefined;

  function moment(): Moment {
    return { now: clock.now(), upMs: clock.uptimeMs(), bootId };
  }

  function leftMs(): number {
    return kept === undefined ? 0 : leftOfPause(kept, moment());
  }

  function drop(over: PauseOver): void {
    kept = undefined;
    report(undefined, over);
  }

  return {
    leftMs,
    current: () => (leftMs() === 0 ? undefined : kept),
    async load() {
      kept = await readPause(files, moment());
      if (kept !== undefined) report(kept);
    },
    async begin({ reason, by, forMs }) {
      if (forMs <= 0 || forMs > longestPauseMs) throw new Error(`a pause cannot last ${forMs} ms`);
      const { now, upMs } = moment();
      const until = new Date(now.getTime() + forMs).toISOString();
      const pause = { reason, by, since: now.toISOString(), until, bootId, untilUpMs: upMs + forMs };
      await pauseFile.write(files, pause);
      kept = pause;
      report(pause);
      return pause;
    },
    async end() {
      kept ??= await readPause(files, moment());
      const ended = leftMs() === 0 ? undefined : kept;
      await pauseFile.remove(files);
      if (kept !== undefined) drop(ended === undefined ? "expired" : "resumed");
      return ended;
    },
    async expire() {
      const expired = kept;
      // If the disk refuses, the file stays, but it is expired and has no effect.
      await pauseFile.remove(files).catch(() => undefined);
      // Another pause may have begun meanwhile.
      if (kept === expired) drop("expired");
    },
  };
}
