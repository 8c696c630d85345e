import { reportDaemonFailure } from "../domain/instance/daemon-failure.ts";
import { MusterError } from "../domain/errors/errors.ts";
import type { StatusReport } from "../domain/instance/status.ts";
import { statusAt } from "../run/state/status-file.ts";
import { deriveStatus } from "../run/state/derive-status.ts";
import { askAgent } from "./agent.ts";
import type { MachineView } from "./machine-view.ts";

/**
 * The daemon's own status, else the one on disk; if no daemon keeps it up, it says so first. @param now ISO 8601
 * @throws MusterError `daemon-silent`, `daemon-unreachable` where this user may read nothing but the daemon's answer
 */
export async function readStatus(view: MachineView, now: string): Promise<StatusReport> {
  const { agent, status } = await askAgent(view);
  if (status !== undefined) return status;
  const failure = agent.kind === "silent" || agent.kind === "gone" ? agent : undefined;
  const known = await statusOnDisk(view, now).catch((unread: unknown) => {
    throw failure === undefined ? unread : new MusterError(reportDaemonFailure(failure));
  });
  if (failure === undefined) return known;
  return deriveStatus({ status: known, bootId: known.bootId, at: now, failure }).status;
}

/** What the status file says, as far as it counts in this boot. @param now ISO 8601 @throws MusterError `state-read-failed` */
export async function statusOnDisk({ files, clock, host }: MachineView, now: string): Promise<StatusReport> {
  return statusAt(files, { now: new Date(now), upMs: clock.uptimeMs(), bootId: await host.bootId() });
}
