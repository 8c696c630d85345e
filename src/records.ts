// What commands read of what is recorded: each run's events, and what its units printed.
import { statSync } from "node:fs";
import { createClock } from "./adapters/host/clock.ts";
import { createHost } from "./adapters/host/host.ts";
import { writeOutput } from "./adapters/host/output-file.ts";
import { lockHolder } from "./adapters/host/run-lock.ts";
import { createStateFiles } from "./adapters/host/state-files.ts";
import { createLogReader } from "./adapters/systemd/log-reader.ts";
import type { LogsDeps } from "./cli/logs.ts";
import type { TimelineDeps } from "./cli/timeline.ts";
import * as paths from "./domain/paths.ts";
import { createRecordings } from "./run/recordings.ts";

/** For `muster logs`. @param unread aborts when nobody reads standard output any more */
export function logsDeps(unread: AbortSignal): LogsDeps {
  return {
    recordings: createRecordings(createStateFiles(paths.stateDirectory)),
    openPrinted: createLogReader,
    recordedBytes: (run) =>
      statSync(`${paths.runsDirectory}/${run}/events.jsonl`, { throwIfNoEntry: false })?.size ?? 0,
    sleep: (ms, signal) => createClock().sleep(ms, signal),
    unread,
  };
}

/** For `muster timeline`. */
export function timelineDeps(): TimelineDeps {
  return {
    recordings: createRecordings(createStateFiles(paths.stateDirectory)),
    async now() {
      // The daemon holds the lock for all its life, a command for its run.
      if (lockHolder(paths.lockFile) === "nobody") return undefined;
      const clock = createClock();
      return { at: clock.now().toISOString(), upMs: clock.uptimeMs(), boot: await createHost().bootId() };
    },
    write: writeOutput,
  };
}
