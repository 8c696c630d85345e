import { createControlClient } from "../adapters/control/client.ts";
import { ownSocket } from "../adapters/control/own-socket.ts";
import { createClock } from "../adapters/host/clock.ts";
import { lockHolder } from "../adapters/host/run-lock.ts";
import { lockFile } from "../domain/settings/paths.ts";
import type { Agent } from "../ports/agent.ts";
import { daemonHolds } from "../ports/run-lock.ts";
import { isNotListening, persistently, type Reach } from "./without-daemon.ts";

/** Of this machine. */
export function reachOfHost(): Reach {
  return { isThere: isDaemonThere, clock: createClock() };
}

function isDaemonThere(): boolean {
  const holder = lockHolder(lockFile);
  return holder !== "nobody" && holder?.what === daemonHolds;
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

/** Whether a daemon answers. One that has the machine's lock and does not listen is waited for. */
export async function answersSoon(agent: Agent, reach: Reach, signal: AbortSignal): Promise<boolean> {
  try {
    await persistently(reach, signal, () => agent.status());
    return true;
  } catch (error) {
    if (isNotListening(error) && !reach.isThere()) return false;
    throw error;
  }
}

async function answers(agent: Agent): Promise<boolean> {
  try {
    await agent.status();
    return true;
  } catch (error) {
    if (isNotListening(error)) return false;
    throw error;
  }
}
