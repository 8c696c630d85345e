import type { RunEvent } from "./events.ts";

/** The events of a run, and those that followed until the next run. */
export type Recording = {
  readonly run: string;
  /** In the order in which they happened. */
  readonly events: readonly RunEvent[];
  /** How many lines could not be read: torn by a power cut, or of a newer binary. */
  readonly unreadable: number;
};

/** Whether the event marks where a full recording ends. */
export function isRecordingFull(event: RunEvent): boolean {
  return event.type === "notice" && event.code === "recording-full";
}

/** The runs that are on disk. */
export interface Recordings {
  /** Their ids, oldest first. */
  runs(): Promise<readonly string[]>;
  /** @returns a recording without events for a run that has none */
  read(run: string): Promise<Recording>;
}
