/** Requests to read the settings again while the daemon lives: SIGHUP. */
export interface Reloads {
  /** Resolves at the next request, or at once if there was one since the last time; several requests count as one. */
  asked(signal: AbortSignal): Promise<void>;
}
