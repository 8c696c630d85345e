import { createControlClient } from "../adapters/control/client.ts";
import { ownSocket } from "../adapters/control/own-socket.ts";
import { createClock } from "../adapters/host/clock.ts";
import type { Agent } from "../ports/agent.ts";
import { isNotListening } from "./without-daemon.ts";

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

/** Whether a daemon listens and answers. */
export async function answers(agent: Agent): Promise<boolean> {
  try {
    await agent.status();
    return true;
  } catch (error) {
    if (isNotListening(error)) return false;
    throw error;
  }
}
