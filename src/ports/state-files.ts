/** One line of a state file. */
export type StateLine = {
  /** Without its newline; undefined if it has more than {@link longestLine} bytes. */
  readonly text: string | undefined;
  /** Where the next line begins, in bytes from the beginning of the file. */
  readonly next: number;
  /** False for what stands behind the last newline: it may be written on. */
  readonly complete: boolean;
};

/** In bytes. Far more than any line that muster writes. */
export const longestLine = 1024 * 1024;

/**
 * Small text files under the state directory. Names are relative, of the form `dir/name.json`.
 *
 * Contract: `write` is atomic and durable: after a power cut at any point the file holds the old text or
 * the new one, never a part, and once `write` resolved it is the new one. `append` is durable when it
 * resolves; a power cut may leave a part of the last line. What a process that died in a `write` leaves beside the
 * files is removed by the next one. Files are readable by root alone.
 * A full disk or a read-only file system is MusterError `state-write-failed`.
 */
export interface StateFiles {
  /** @throws MusterError `state-read-failed`, also for a file of more than 64 MiB */
  read(name: string): Promise<string | undefined>;
  /**
   * The lines of a file, one at a time: in memory is one of them, whatever the size of the file. None where there is
   * no file. The end of the file is where it is when the last line is asked for.
   * @param from where to begin, in bytes: 0, or the `next` of a line
   * @throws MusterError `state-read-failed`
   */
  lines(name: string, from?: number): AsyncIterable<StateLine>;
  write(name: string, text: string): Promise<void>;
  append(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Names in a directory, sorted; empty when there is none. */
  list(directory: string): Promise<readonly string[]>;
  /** Moves an unreadable file out of the way and keeps it for the operator; returns its new absolute path. */
  setAside(name: string): Promise<string>;
  /** The absolute path of a name, for programs that need one. Its directory exists afterwards. */
  path(name: string): Promise<string>;
}
