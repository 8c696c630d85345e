// For the commands that read the records of runs: their events, and what their units printed.
import { createClock } from "../adapters/host/clock.ts";
import { writeOutput } from "../adapters/host/output-file.ts";
import { recordedBytes } from "../adapters/host/recorder.ts";
import { createLogReader } from "../adapters/systemd/log-reader.ts";
import type { LogsDeps } from "../cli/terminal/follow-story.ts";
import type { RunsDeps } from "../cli/commands/runs.ts";
import type { TimelineDeps } from "../cli/commands/timeline.ts";
import { runsDirectory } from "../domain/settings/paths.ts";
import { maskPrinted } from "../queries/printed.ts";
import { createRecordings } from "../queries/recordings.ts";
import { listRuns } from "../queries/runs.ts";
import { thisMoment } from "../queries/this-moment.ts";
import { machineView } from "./machine-view.ts";

/** For `muster logs`. @param unread aborts when standard output has no reader any more */
export function logsDeps(unread: AbortSignal): LogsDeps {
  return {
    recordings: createRecordings(machineView().files),
    openPrinted: maskPrinted(createLogReader),
    recordedBytes: (run) => recordedBytes(runsDirectory, run),
    sleep: (ms, signal) => createClock().sleep(ms, signal),
    unread,
  };
}

/** For `muster timeline`. */
export function timelineDeps(): TimelineDeps {
  const view = machineView();
  return { recordings: createRecordings(view.files), now: () => thisMoment(view), write: writeOutput };
}

/** For `muster runs`. */
export function runsDeps(): RunsDeps {
  return { list: () => listRuns(machineView()) };
}
