import type { Recordings } from "../domain/run/recording.ts";
import { redactAll } from "../domain/redact/redact.ts";
import { runsInOrder } from "../domain/run/run-id.ts";
import type { StateFiles } from "../ports/state-files.ts";
import { parseEvent } from "./recorded-event.ts";

/** What `createRecorder` wrote, read back. What cannot be read is counted and left out. */
export function createRecordings(files: Pick<StateFiles, "list" | "read">): Recordings {
  return {
    runs: async () => runsInOrder(await files.list("runs")),
    async read(run) {
      const text = (await files.read(`runs/${run}/events.jsonl`)) ?? "";
      const lines = text.split("\n").filter((line) => line !== "");
      // An older binary may have recorded a secret that this one masks.
      const events = lines.flatMap((line) => redactAll(parseEvent(line)) ?? []);
      return { run, events, unreadable: lines.length - events.length };
    },
  };
}
