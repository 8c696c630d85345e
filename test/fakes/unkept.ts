import type { DaemonFailure } from "../../src/domain/instance/daemon-failure.ts";
import type { StatusReport } from "../../src/domain/instance/status.ts";
import { deriveStatus } from "../../src/run/state/derive-status.ts";

/** A status as a reader has it whom the daemon does not answer. */
export function unkept(status: StatusReport, failure: DaemonFailure): StatusReport {
  return deriveStatus({ status, bootId: status.bootId, at: status.since, failure }).status;
}
