// What commands read of what is recorded: each run's events, and what its units printed.
import { createClock } from "../adapters/host/clock.ts";
import { createHost } from "../adapters/host/host.ts";
import { writeOutput } from "../adapters/host/output-file.ts";
import { recordedBytes } from "../adapters/host/recorder.ts";
import { lockHolder } from "../adapters/host/run-lock.ts";
import { createStateFiles } from "../adapters/host/state-files.ts";
import { createLogReader } from "../adapters/systemd/log-reader.ts";
import type { LogsDeps } from "../cli/follow-story.ts";
import type { TimelineDeps } from "../cli/timeline.ts";
import * as paths from "../domain/paths.ts";
import { createLineRedactor } from "../domain/redact-lines.ts";
import { numberOf } from "../domain/run-id.ts";
import { createRecordings } from "../run/recordings.ts";
import { summariseRun, type RunSummary } from "../views/runs.ts";

const files = createStateFiles(paths.stateDirectory);

/** For `muster logs`. @param unread aborts when nobody reads standard output any more */
export function logsDeps(unread: AbortSignal): LogsDeps {
  return {
    recordings: createRecordings(files),
    openPrinted(part, onLine) {
      const redactLine = createLineRedactor();
      return createLogReader(part, (line) => onLine(redactLine(line)));
    },
    recordedBytes: (run) => recordedBytes(paths.runsDirectory, run),
    sleep: (ms, signal) => createClock().sleep(ms, signal),
    unread,
  };
}

/** For `muster timeline`. */
export function timelineDeps(): TimelineDeps {
  return {
    recordings: createRecordings(files),
    async now() {
      // The daemon holds the lock for all its life, a command for its run.
      if (lockHolder(paths.lockFile) === "nobody") return undefined;
      const clock = createClock();
      return { at: clock.now().toISOString(), upMs: clock.uptimeMs(), boot: await createHost().bootId() };
    },
    write: writeOutput,
  };
}

/** For `muster runs`: also those that the agent put aside because it could not read their journals. */
export async function listRuns(): Promise<readonly RunSummary[]> {
  const recordings = createRecordings(files);
  const names = (await files.list("runs")).filter((name) => /^\d{4,9}-[0-9a-f]{4}(\.unreadable-\d+)?$/.test(name));
  const inOrder = names.toSorted((one, other) => numberOf(one) - numberOf(other));
  // The daemon holds the lock for all its life, and takes up what was interrupted.
  const somebody = lockHolder(paths.lockFile) !== "nobody";
  return Promise.all(
    inOrder.map(async (name, index) => {
      const [run = name, aside] = name.split(".");
      const { events } = await recordings.read(name);
      const journal = await files.read(`runs/${name}/journal.jsonl`);
      return summariseRun(
        { run, events, journal, setAside: aside !== undefined },
        somebody && index === names.length - 1,
      );
    }),
  );
}
