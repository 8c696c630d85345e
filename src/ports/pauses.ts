import type { Pause, PauseRequest } from "../domain/pause.ts";

/**
 * Stops what muster does of its own accord for a while: here, or in the daemon behind its socket.
 *
 * Contract: what a call says is on disk when it resolves, outlives restarts and reboots, and ends by itself. One pause
 * at a time: a later one takes the place of an earlier one.
 */
export interface Pauses {
  begin(request: PauseRequest): Promise<Pause>;
  /** What was ended; undefined when there was nothing to end. */
  end(): Promise<Pause | undefined>;
}
