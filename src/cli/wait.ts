import type { StatusReport } from "../domain/status.ts";
import type { Agent } from "../ports/agent.ts";
import type { CommandIo } from "./command.ts";
import { showProgress } from "./progress.ts";

/** States that need nothing more to happen. */
function isSettled(status: StatusReport): boolean {
  const atWork = status.run !== undefined && !status.run.finished;
  return !atWork && (status.state === "in-service" || status.state === "held" || status.state === "out-of-service");
}

/** Shows what happens until the instance is in service, held or out of service; resolves with that status. */
export async function waitForEnd(agent: Agent, io: CommandIo, verbose: boolean): Promise<StatusReport> {
  const progress = showProgress(io, verbose);
  const done = new AbortController();
  const signal = AbortSignal.any([io.signal, done.signal]);
  try {
    const following = agent.follow((event) => {
      progress.onEvent(event);
      if (event.type === "run-finished" || event.type === "state-changed") check();
    }, signal);
    function check(): void {
      agent.status().then(
        (status) => isSettled(status) && done.abort(),
        () => done.abort(),
      );
    }
    check();
    await following;
  } finally {
    progress.stop();
  }
  io.signal.throwIfAborted();
  return agent.status();
}
