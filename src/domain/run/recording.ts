import type { RunEvent } from "./events.ts";

/** The events of a run, and those that followed until the next run. */
export type Recording = {
  readonly run: string;
  /** In the order in which they happened. */
  readonly events: readonly RunEvent[];
  /** How many lines could not be read: torn by a power cut, too long, or of a newer binary. */
  readonly unreadable: number;
};

/** Whether the event marks where a full recording ends. */
export function isRecordingFull(event: RunEvent): boolean {
  return event.type === "notice" && event.code === "recording-full";
}

/** Reads one recording from its beginning to its end, which moves while the run is under way. */
export interface RecordingReader {
  /** The events since the last call, one at a time: a recording may be larger than what fits into memory. */
  events(): AsyncIterable<RunEvent>;
  /** How many of the lines read so far were none that this binary knows. */
  unreadable(): number;
}

/** The runs that are on disk. */
export interface Recordings {
  /** Their ids, oldest first. */
  runs(): Promise<readonly string[]>;
  /**
   * A run that has no recording has no events.
   * @param only these types of events are read; absent: all
   */
  open(run: string, only?: readonly RunEvent["type"][]): RecordingReader;
}

/** A whole recording, for what needs its events side by side. */
export async function readRecording(
  recordings: Pick<Recordings, "open">,
  run: string,
  only?: readonly RunEvent["type"][],
): Promise<Recording> {
  const reader = recordings.open(run, only);
  const events: RunEvent[] = [];
  for await (const event of reader.events()) events.push(event);
  return { run, events, unreadable: reader.unreadable() };
}
