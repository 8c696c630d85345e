import { MusterError } from "../../../src/domain/errors/errors.ts";
import type { StatusReport } from "../../../src/domain/instance/status.ts";
import type { MachineView } from "../../../src/queries/machine-view.ts";
import { createFakeStateFiles } from "../../fakes/state-files.ts";

export const now = "2026-01-01T00:10:00.000Z";

/** A machine after the boot `boot-a`, on which no daemon runs and root asks. */
export function viewOf(given: Partial<MachineView> = {}): MachineView {
  return {
    daemon: refusing("daemon-unreachable"),
    files: createFakeStateFiles(),
    clock: { now: () => new Date(now), uptimeMs: () => 600_000 },
    host: { bootId: async () => "boot-a" },
    lockHolder: () => "nobody",
    processState: () => "other",
    isRoot: true,
    ...given,
  };
}

export function answering(status: StatusReport): MachineView["daemon"] {
  return { status: async () => status };
}

export function refusing(code: "daemon-unreachable" | "daemon-silent" | "daemon-lost" | "control-failed") {
  const error = new MusterError({ code, message: `there is ${code}`, hint: "Do something." });
  return { status: () => Promise.reject(error) };
}

/** The lock as that process holds it. */
export function heldBy(pid: number, what: string): MachineView["lockHolder"] {
  return () => ({ pid, what, since: "2026-01-01T00:00:00.000Z" });
}

/** State files that this user may not read. */
export function deniedFiles(): MachineView["files"] {
  const error = new MusterError({ code: "state-read-failed", message: "permission denied", hint: "Be root." });
  const denied = () => Promise.reject(error);
  return { ...createFakeStateFiles(), read: denied, list: denied };
}
