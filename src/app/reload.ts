// A reload that ends when the daemon answers with the settings that it has read.
import { createControlClient, settingsInForce } from "../adapters/control/client.ts";
import { ownSocket } from "../adapters/control/own-socket.ts";
import { hangUp } from "../adapters/host/hang-up.ts";
import { lockHolder } from "../adapters/host/run-lock.ts";
import { MusterError } from "../domain/errors/errors.ts";
import { lockFile } from "../domain/settings/paths.ts";
import type { StatusReport } from "../domain/instance/status.ts";
import { daemonHolds } from "../ports/run-lock.ts";
import { reachOfHost } from "./reach.ts";
import { persistently, type Reach } from "./without-daemon.ts";

/** A daemon that is told to read its settings again. */
export type Reloading = {
  hangUp(): void;
  /** When it read the settings in force, ISO 8601. */
  readAt(): Promise<string>;
  status(): Promise<Pick<StatusReport, "run" | "state">>;
};

const pollMs = 100;

/** The time in which a daemon that does nothing else has read its settings, in milliseconds. */
const limitMs = 30_000;

/**
 * Tells the daemon to read its settings, and waits until it answers with them.
 * @returns `later` if it works on a run or a leave, which end first
 * @throws MusterError `daemon-unreachable`; the signal's reason
 */
export async function reload(daemon: Reloading, reach: Reach, signal: AbortSignal): Promise<"in-force" | "later"> {
  const ask = async <Result>(request: () => Promise<Result>) => await persistently(reach, signal, request);
  const before = await ask(() => daemon.readAt());
  const untilMs = reach.clock.monotonicMs() + limitMs;
  daemon.hangUp();
  while (reach.clock.monotonicMs() < untilMs) {
    await reach.clock.sleep(pollMs, signal);
    if ((await ask(() => daemon.readAt())) !== before) return "in-force";
    const { run, state } = await ask(() => daemon.status());
    if (run?.finished === false || state === "leaving") return "later";
  }
  return "later";
}

/** The daemon of this machine. @throws MusterError `daemon-unreachable` where none runs, and as {@link reload} */
export function reloadHere(signal: AbortSignal): Promise<"in-force" | "later"> {
  const holder = lockHolder(lockFile);
  if (holder === undefined || holder === "nobody" || holder.what !== daemonHolds) throw noDaemon();
  const { pid } = holder;
  const socket = ownSocket();
  const daemon = {
    hangUp: () => hangUp(pid),
    readAt: async () => (await settingsInForce(socket)).readAt,
    status: () => createControlClient(socket).status(),
  };
  return reload(daemon, reachOfHost(), signal);
}

function noDaemon(): MusterError {
  return new MusterError({
    code: "daemon-unreachable",
    message: "No daemon runs that could read its settings again",
    hint: "Start the daemon with: systemctl start muster",
  });
}
