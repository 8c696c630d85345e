// The agent that a command works through: the daemon over its socket, or one in this process.
import { createControlClient } from "../adapters/control/client.ts";
import { ownSocket } from "../adapters/control/own-socket.ts";
import { createClock } from "../adapters/host/clock.ts";
import { createEventLog } from "../adapters/host/log-file.ts";
import { createRunLock } from "../adapters/host/run-lock.ts";
import { requireSystemd } from "../adapters/systemd/version.ts";
import * as paths from "../domain/settings/paths.ts";
import type { Agent } from "../ports/agent.ts";
import { assembleAgent } from "./assembly/agent.ts";
import { boundedLog, hostPorts, readSettings } from "./host-ports.ts";
import { answersSoon, reachOfHost } from "./reach.ts";
import { lockOfCommand, steadyDaemon, yieldingTo } from "./without-daemon.ts";

/** The daemon if one lives, else the executor in this process. */
export async function connect(): Promise<Agent> {
  const { signal } = new AbortController();
  const reach = reachOfHost();
  const daemonOfHost = steadyDaemon(createControlClient(ownSocket()), reach);
  if (await answersSoon(daemonOfHost, reach, signal)) return daemonOfHost;
  // As in muster.service: the files in /run/muster belong to root, and other users may pass through the directory.
  process.umask(0o077);
  await requireSystemd(signal);
  const clock = createClock();
  const known = await readSettings();
  const turns = { lock: lockOfCommand(createRunLock(paths.lockFile, clock)), shared: true };
  const { bus, executor } = await assembleAgent(known, await hostPorts(known.settings, clock, process.env), turns);
  bus.listen(createEventLog(boundedLog()));
  await executor.load();
  return yieldingTo(daemonOfHost, executor);
}
