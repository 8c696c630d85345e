import { MusterError } from "../../domain/errors/errors.ts";
import type { StatusReport } from "../../domain/instance/status.ts";
import type { Agent } from "../../ports/agent.ts";
import type { CommandIo } from "../command.ts";
import { plain, wrap } from "../terminal/style.ts";
import { showProgress } from "../terminal/progress.ts";

/** States that end the wait. */
function isSettled(status: StatusReport): boolean {
  const atWork = status.run !== undefined && !status.run.finished;
  return !atWork && (status.state === "in-service" || status.state === "held" || status.state === "out-of-service");
}

/** Between two checks whether the daemon still answers, in milliseconds. */
const pollMs = 15_000;
const silencesToEnd = 2;

/**
 * Shows the events until the instance is in service, held or out of service.
 * @param startedByCloudInit whether cloud-init waits for this very command
 * @throws MusterError `cloud-init-waits` if each would wait for the other
 * @returns undefined if the daemon went away before that: it may come back
 */
export async function waitForEnd(
  agent: Agent,
  io: CommandIo,
  verbose: boolean,
  startedByCloudInit: () => boolean = () => false,
): Promise<StatusReport | undefined> {
  const progress = showProgress(io, verbose);
  const done = new AbortController();
  const signal = AbortSignal.any([io.signal, done.signal]);
  let told = false;
  let settled: StatusReport | undefined;
  let failure: Error | undefined;
  let silences = 0;
  let reasonShown = false;

  async function check(): Promise<void> {
    try {
      const status = await agent.status();
      silences = 0;
      if (status.waitsFor === "cloud-init") {
        if (!reasonShown) io.out(`${wrap(plain(status.reason), io.columns, 0)}\n`);
        reasonShown = true;
        if (startedByCloudInit()) throw cloudInitWaits();
      }
      if (!isSettled(status)) return;
      settled = status;
    } catch (error) {
      silences += 1;
      if (isSilent(error) && silences < silencesToEnd) return;
      failure = asError(error);
    }
    done.abort();
  }

  // A hanging daemon does not report that by itself.
  const stopPolling = io.repeat(pollMs, () => void check());

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
    stopPolling();
    progress.stop();
  }
  io.signal.throwIfAborted();
  if (failure !== undefined && !isGone(failure)) throw failure;
  if (told) io.out("\n");
  return settled;
}

function cloudInitWaits(): MusterError {
  return new MusterError({
    code: "cloud-init-waits",
    message: "cloud-init waits for this command, and the boot run waits for cloud-init: neither would ever end",
    hint: "Do not wait in user data: have a unit with WantedBy=muster-ready.target, or systemd-run --no-block, do what comes after.",
  });
}

/** A busy machine may delay one answer. */
function isSilent(error: unknown): boolean {
  return error instanceof MusterError && error.code === "daemon-silent";
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function isGone(error: Error): boolean {
  return error instanceof MusterError && (error.code === "daemon-lost" || error.code === "daemon-unreachable");
}
