import type { Pause, PauseRequest } from "../domain/instance/pause.ts";

/**
 * Pauses the automatic actions: here, or in the daemon behind its socket.
 *
 * Contract: the change is on disk when the call resolves, outlives restarts and reboots, and ends by itself. One pause
 * at a time: a later one replaces an earlier one.
 */
export interface Pauses {
  begin(request: PauseRequest): Promise<Pause>;
  /** The pause that was ended; undefined if there was none. */
  end(): Promise<Pause | undefined>;
}
