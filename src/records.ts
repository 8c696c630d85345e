// What commands read of what is recorded: each run's events, and what its units printed.
import { statSync } from "node:fs";
import { createClock } from "./adapters/host/clock.ts";
import { createStateFiles } from "./adapters/host/state-files.ts";
import { createLogReader } from "./adapters/systemd/log-reader.ts";
import type { LogsDeps } from "./cli/logs.ts";
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
