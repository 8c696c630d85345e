/**
 * Looks at files and file systems of this machine that a later stage needs.
 *
 * Contract: changes nothing, tells nothing of what is in a file, and ends when the signal aborts. A path that does not
 * answer is a plain error: nothing is known to be wrong with it.
 */
export interface MachineFiles {
  /**
   * Whether a file can serve for what the settings name it for.
   * @param isSecret other users may not read it: ssh(1) refuses a private key that they may
   * @throws MusterError `key-file-unusable`, `settings-writable-by-others`
   */
  key(setting: string, path: string, isSecret: boolean, signal: AbortSignal): Promise<void>;
  /** Whether so many bytes are free. @throws MusterError `disk-low` */
  room(path: string, leastBytes: number, signal: AbortSignal): Promise<void>;
}
