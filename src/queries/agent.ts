import { MusterError } from "../domain/errors/errors.ts";
import type { StatusReport } from "../domain/instance/status.ts";
import { daemonHolds } from "../ports/run-lock.ts";
import type { AgentObservation } from "../views/explain/input.ts";
import type { MachineView } from "./machine-view.ts";

export type AgentPorts = Pick<MachineView, "daemon" | "lockHolder" | "processState" | "isRoot">;

export type AgentAnswer = {
  readonly agent: AgentObservation;
  /** The daemon's own; absent where it did not answer. */
  readonly status?: StatusReport;
  /** Why this user may not ask. */
  readonly refusal?: string;
};

/** Asks the daemon for its status; without an answer, finds out why from the machine's lock and the process that holds it. */
export async function askAgent(ports: AgentPorts): Promise<AgentAnswer> {
  try {
    return { agent: { kind: "answers" }, status: await ports.daemon.status() };
  } catch (error) {
    if (!(error instanceof MusterError)) throw error;
    if (isSilent(error)) return { agent: silent(ports.lockHolder(), ports) };
    if (error.code !== "daemon-unreachable") return { agent: { kind: "unasked" }, refusal: error.message };
    return { agent: withoutAnswer(ports.lockHolder(), ports) };
  }
}

function isSilent({ code }: MusterError): boolean {
  return code === "daemon-silent" || code === "daemon-lost";
}

type Holder = ReturnType<AgentPorts["lockHolder"]>;

/** No process listens: a command may be at work in the foreground, or a daemon that does not listen yet, or no longer. */
function withoutAnswer(holder: Holder, ports: AgentPorts): AgentObservation {
  if (holder === "nobody") return { kind: "gone" };
  // Only root may see who holds the lock, and a daemon that runs listens for others too.
  if (holder === undefined) return { kind: ports.isRoot ? "silent" : "gone" };
  if (holder.what === daemonHolds) return silent(holder, ports);
  return { kind: "command", what: holder.what, pid: holder.pid };
}

function silent(holder: Holder, { processState }: AgentPorts): AgentObservation {
  if (holder === undefined || holder === "nobody") return { kind: "silent" };
  const state = processState(holder.pid);
  return { kind: "silent", pid: holder.pid, ...(state === undefined ? {} : { state }) };
}
