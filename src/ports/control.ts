import type { Agent } from "./agent.ts";
import type { Pauses } from "./pauses.ts";
import type { TagStore } from "./tag-store.ts";

/** What the daemon does for whoever reaches it. */
export type Served = {
  readonly agent: Agent;
  readonly pauses: Pauses;
  readonly tags: TagStore;
  /** As far as somebody who is not root may work with them. */
  readonly openTags: TagStore;
};

/** Where a daemon can be reached while it lives. */
export interface ControlServer {
  /**
   * Serves until `close`. Requests run under `signal`, not under the life of their connection.
   * @throws MusterError `control-failed` when the socket cannot be made
   */
  listen(served: Served, signal: AbortSignal): Promise<{ close(): Promise<void> }>;
}
