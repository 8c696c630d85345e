import type { RunEvent } from "../domain/run/events.ts";
import type { RecordingReader, Recordings } from "../domain/run/recording.ts";
import { redactAll } from "../domain/redact/redact.ts";
import { runsInOrder } from "../domain/run/run-id.ts";
import type { StateFiles } from "../ports/state-files.ts";
import { parseEvent } from "./recorded-event.ts";

type Files = Pick<StateFiles, "list" | "lines">;

/** What `createRecorder` wrote, read back. What cannot be read is counted and left out. */
export function createRecordings(files: Files): Recordings {
  return {
    runs: async () => runsInOrder(await files.list("runs")),
    open: (run, only) => openRecording(files, `runs/${run}/events.jsonl`, only),
  };
}

function openRecording(files: Files, name: string, only: readonly RunEvent["type"][] | undefined): RecordingReader {
  let next = 0;
  let unreadable = 0;
  /** A line without an end may be torn, or is being written: it is read again the next time. */
  let torn = 0;
  const isAskedFor = askedFor(only);

  function eventIn(text: string): RunEvent | "other" | undefined {
    if (!isAskedFor(text)) return "other";
    const event = parseEvent(text);
    // An older binary may have recorded a secret that this one masks.
    return event && (only?.includes(event.type) === false ? "other" : redactAll(event));
  }

  return {
    async *events() {
      torn = 0;
      for await (const line of files.lines(name, next)) {
        if (line.complete) next = line.next;
        if (line.text === "") continue;
        const event = line.text === undefined ? undefined : eventIn(line.text);
        if (event !== undefined && event !== "other" && line.complete) yield event;
        else if (event === undefined && line.complete) unreadable += 1;
        else if (!line.complete) torn = 1;
      }
    },
    unreadable: () => unreadable + torn,
  };
}

/** Parsing costs a hundred times as much as looking for the words of the type. Only texts of events have them otherwise. */
function askedFor(only: readonly RunEvent["type"][] | undefined): (line: string) => boolean {
  if (only === undefined) return () => true;
  const words = only.map((type) => `"type":"${type}"`);
  return (line) => words.some((word) => line.includes(word));
}
