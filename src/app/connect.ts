// The agent that a command works through: the daemon over its socket, or one in this process.
import { createControlClient } from "../adapters/control/client.ts";
import { ownSocket } from "../adapters/control/own-socket.ts";
import { createClock } from "../adapters/host/clock.ts";
import { createEventLog } from "../adapters/host/log-file.ts";
import { createRunLock } from "../adapters/host/run-lock.ts";
import { requireSystemd } from "../adapters/systemd/version.ts";
import { MusterError } from "../domain/errors.ts";
import * as paths from "../domain/paths.ts";
import type { Agent } from "../ports/agent.ts";
import { assembleAgent } from "./assembly/agent.ts";
import { boundedLog, hostPorts, readSettings } from "./host-ports.ts";

/** The daemon where one lives, else the executor in this process. */
export async function connect(): Promise<Agent> {
  const daemonOfHost = createControlClient(ownSocket());
  if (await answers(daemonOfHost)) return daemonOfHost;
  // As muster.service has it: what lies in /run/muster is root's, and others may pass through there.
  process.umask(0o077);
  await requireSystemd(new AbortController().signal);
  const clock = createClock();
  const known = await readSettings();
  const turns = { lock: createRunLock(paths.lockFile, clock), shared: true };
  const { bus, executor } = await assembleAgent(known, await hostPorts(known.settings, clock, process.env), turns);
  bus.listen(createEventLog(boundedLog()));
  await executor.load();
  return executor;
}

/** How long a daemon that is about to start may take, in milliseconds. */
const daemonStartMs = 60_000;

/**
 * The daemon, waited for while the machine boots.
 * @throws MusterError `daemon-unreachable`
 */
export async function reachDaemon(signal: AbortSignal): Promise<Agent> {
  const clock = createClock();
  const agent = createControlClient(ownSocket());
  const deadline = clock.monotonicMs() + daemonStartMs;
  while (!(await answers(agent))) {
    if (clock.monotonicMs() >= deadline) await agent.status();
    await clock.sleep(250, signal);
  }
  return agent;
}

async function answers(agent: Agent): Promise<boolean> {
  try {
    await agent.status();
    return true;
  } catch (error) {
    if (error instanceof MusterError && error.code === "daemon-unreachable") return false;
    throw error;
  }
}
