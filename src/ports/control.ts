import type { Agent } from "./agent.ts";

/** Where a daemon can be reached while it lives. */
export interface ControlServer {
  /**
   * Serves `agent` until `close`. Requests run under `signal`, not under the life of their connection.
   * @throws MusterError `control-failed` when the socket cannot be made
   */
  listen(agent: Agent, signal: AbortSignal): Promise<{ close(): Promise<void> }>;
}
