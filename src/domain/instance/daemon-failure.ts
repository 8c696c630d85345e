/** The kernel's word for the state of a process: stopped by a signal, or in a call that cannot be interrupted. */
export type ProcessState = "stopped" | "waits-for-disk" | "other";

/** Why the daemon does not work: it is not running, or does not answer. */
export type DaemonFailure =
  | { readonly kind: "gone" }
  | { readonly kind: "silent"; readonly pid?: number; readonly state?: ProcessState };

type DaemonFailureReport = {
  readonly code: "daemon-silent" | "daemon-unreachable";
  readonly message: string;
  readonly hint: string;
};

/** The failure, and the remedy. Pure. */
export function reportDaemonFailure(trouble: DaemonFailure): DaemonFailureReport {
  if (trouble.kind === "gone") {
    return {
      code: "daemon-unreachable",
      message: "The daemon does not answer: it is not running",
      hint: "Find out why with systemctl status muster, then systemctl start muster.",
    };
  }
  const { pid, state } = trouble;
  const [why, hint] = wordsFor(pid, state);
  return { code: "daemon-silent", message: `The daemon does not answer${why}`, hint };
}

function wordsFor(pid: number | undefined, state: ProcessState | undefined): readonly [why: string, hint: string] {
  const process = pid === undefined ? "its process" : `its process ${pid}`;
  switch (state) {
    case "stopped":
      return [
        `: ${process} is stopped by a signal`,
        `${pid === undefined ? "" : `kill -CONT ${pid} lets it go on; `}systemctl restart muster starts it anew.`,
      ];
    case "waits-for-disk":
      return [
        `: ${process} waits for a file system that does not answer`,
        "See to that file system (dmesg and mount say which), then systemctl restart muster.",
      ];
    default:
      return [
        pid === undefined ? "" : `: ${process} hangs, or has not begun to listen yet`,
        "Its watchdog starts it anew within minutes; systemctl restart muster does so at once.",
      ];
  }
}
