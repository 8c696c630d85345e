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
  read(name: string): Promise<string | undefined>;
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
