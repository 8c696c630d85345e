/** Asks to read the settings again while the daemon lives: SIGHUP. */
export interface Reloads {
  /** Resolves when somebody asks, or has asked since the last time; several who asked meanwhile are one. */
  asked(signal: AbortSignal): Promise<void>;
}
