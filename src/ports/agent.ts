import type { EventListener } from "../domain/run/events.ts";
import type { WishBy } from "../domain/membership/membership.ts";
import type { RunEnd, RunRequest } from "../domain/run/run.ts";
import type { StatusReport } from "../domain/instance/status.ts";

/** A request for membership: of an operator, of a shutdown, or of a controller of the daemon. */
export type MembershipRequest = {
  readonly want: "in" | "out";
  readonly by: Exclude<WishBy, "run">;
  /** One plain sentence. */
  readonly reason: string;
  /** How long leaving may take, in milliseconds; absent: the role's limit at a shutdown, otherwise no limit. */
  readonly withinMs?: number;
  /** Whether the machine goes afterwards: then the role's `beforeStop` runs. A shutdown always runs it. */
  readonly stops?: boolean;
};

/**
 * The one executor, as commands see it: in process, or through the daemon's socket while the daemon lives.
 *
 * Contract: both do the same work and report the same events, in order, before they resolve. When `signal`
 * aborts, work in the daemon goes on (the caller detaches); work in process is cancelled. A second request
 * waits up to `waitMs` for the first and is then refused with `lock-held`.
 */
export interface Agent {
  run(request: RunRequest, waitMs: number, onEvent: EventListener, signal: AbortSignal): Promise<RunEnd>;
  /**
   * Changes the wish, and for `in` passes the gates again first; resolves when the endpoints agree. A stronger wish
   * stays in force: a weaker request to come in ends as `done`, with the reason.
   */
  membership(request: MembershipRequest, waitMs: number, onEvent: EventListener, signal: AbortSignal): Promise<RunEnd>;
  /**
   * Cancels the run under way; resolves with its end. A package transaction is over before it ends. Without a run: `done`.
   * @param by the login name of the user who asks
   */
  cancel(by: string, onEvent: EventListener, signal: AbortSignal): Promise<RunEnd>;
  status(): Promise<StatusReport>;
  /** Reports the events of the run under way so far, then those to come, until `signal` aborts; resolves then. */
  follow(onEvent: EventListener, signal: AbortSignal): Promise<void>;
}
