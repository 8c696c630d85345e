import type { SettingsInForce } from "../domain/settings/settings-edits.ts";
import type { Agent } from "./agent.ts";
import type { Pauses } from "./pauses.ts";
import type { TagStore } from "./tag-store.ts";

/** The requests that the daemon serves. */
export type Served = {
  readonly agent: Agent;
  readonly pauses: Pauses;
  /** The settings that the daemon works with. For root alone. */
  readonly settings: () => Promise<SettingsInForce>;
  readonly tags: TagStore;
  /** The tags, as a client other than root may use them. */
  readonly openTags: TagStore;
};

/** The endpoint on which a daemon listens while it lives. */
export interface ControlServer {
  /**
   * Serves until `close`. Requests run under `signal`, not under the life of their connection.
   * @throws MusterError `control-failed` when the socket cannot be made
   */
  listen(served: Served, signal: AbortSignal): Promise<{ close(): Promise<void> }>;
}
