import type { ProcessState } from "../domain/instance/daemon-failure.ts";
import type { Agent } from "../ports/agent.ts";
import type { Clock } from "../ports/clock.ts";
import type { Host } from "../ports/host.ts";
import type { LockHolder } from "../ports/run-lock.ts";
import type { StateFiles } from "../ports/state-files.ts";

/** This machine as queries see it. A query changes nothing, for any caller. */
export type MachineView = {
  /** The daemon, over its socket. */
  readonly daemon: Pick<Agent, "status">;
  readonly files: StateFiles;
  readonly clock: Pick<Clock, "now" | "uptimeMs">;
  readonly host: Host;
  /** Who holds the machine's lock: the daemon for all its life, a command for its run. Undefined: this user cannot tell. */
  readonly lockHolder: () => LockHolder | "nobody" | undefined;
  /** Undefined when there is no such process. */
  readonly processState: (pid: number) => ProcessState | undefined;
  /** Whether root asks. */
  readonly isRoot: boolean;
};

/** Whether a run may be under way. */
export function mayBeAtWork({ lockHolder }: Pick<MachineView, "lockHolder">): boolean {
  return lockHolder() !== "nobody";
}
