import { MusterError } from "../domain/errors.ts";
import type { StatusReport } from "../domain/status.ts";
import type { Agent } from "../ports/agent.ts";
import type { CommandIo } from "./command.ts";
import { showProgress } from "./progress.ts";

/** States that need nothing more to happen. */
function isSettled(status: StatusReport): boolean {
  const atWork = status.run !== undefined && !status.run.finished;
  return !atWork && (status.state === "in-service" || status.state === "held" || status.state === "out-of-service");
}

/**
 * Shows what happens until the instance is in service, held or out of service.
 * @returns undefined when the daemon went away before that: it may come back
 */
export async function waitForEnd(agent: Agent, io: CommandIo, verbose: boolean): Promise<StatusReport | undefined> {
  const progress = showProgress(io, verbose);
  const done = new AbortController();
  const signal = AbortSignal.any([io.signal, done.signal]);
  let told = false;
  let settled: StatusReport | undefined;
  let failure: Error | undefined;

  async function check(): Promise<void> {
    try {
      const status = await agent.status();
      if (!isSettled(status)) return;
      settled = status;
    } catch (error) {
      failure = asError(error);
    }
    done.abort();
  }

  try {
    const following = agent.follow((event) => {
      told = true;
      progress.onEvent(event);
      if (event.type === "run-finished" || event.type === "state-changed") void check();
    }, signal);
    await Promise.all([following, check()]);
  } catch (error) {
    failure = asError(error);
  } finally {
    progress.stop();
  }
  io.signal.throwIfAborted();
  if (failure !== undefined && !isGone(failure)) throw failure;
  if (told) io.out("\n");
  return settled;
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function isGone(error: Error): boolean {
  return error instanceof MusterError && (error.code === "daemon-lost" || error.code === "daemon-unreachable");
}
