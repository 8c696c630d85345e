// Where no daemon answers: a command does the work itself, unless one is there all the same, which starts or reads its
// settings again.
import { MusterError } from "../domain/errors/errors.ts";
import type { EventListener } from "../domain/run/events.ts";
import type { RunEnd } from "../domain/run/run.ts";
import { backOff, type Backoff } from "../lib/async/backoff.ts";
import type { Agent } from "../ports/agent.ts";
import type { Clock } from "../ports/clock.ts";
import { daemonHolds, type RunLock } from "../ports/run-lock.ts";

/** What finds out whether a daemon that does not answer will. */
export type Reach = {
  /** Whether a daemon holds the machine's lock; false also for a user who may not know. */
  readonly isThere: () => boolean;
  readonly clock: Pick<Clock, "sleep" | "random" | "monotonicMs">;
};

const backoff: Backoff = { firstMs: 100, maxMs: 1_000 };

/** How long a daemon that holds the lock is waited for, in milliseconds. */
const limitMs = 30_000;

/** Whether no daemon listens, so that a command may do the work itself. One that does not answer is another matter. */
export function isNotListening(error: unknown): boolean {
  return error instanceof MusterError && error.code === "daemon-unreachable";
}

function isLost(error: unknown): boolean {
  return error instanceof MusterError && error.code === "daemon-lost";
}

/**
 * Makes a request of the daemon, and makes it again while a daemon holds the lock and does not listen yet, or went away
 * over the request.
 * @param mayRepeat whether the request has begun nothing
 * @throws what the request throws last; the signal's reason
 */
export async function persistently<Result>(
  { isThere, clock }: Reach,
  signal: AbortSignal,
  request: () => Promise<Result>,
  mayRepeat: () => boolean = () => true,
): Promise<Result> {
  const untilMs = clock.monotonicMs() + limitMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await request();
    } catch (error) {
      const isAway = isNotListening(error) || isLost(error);
      if (!isAway || !mayRepeat() || clock.monotonicMs() >= untilMs || !isThere()) throw error;
    }
    await backOff(backoff, attempt, clock, signal);
  }
}

/** The daemon, whose reload a request outlives: it is made again unless it has begun to do something. */
export function steadyDaemon(daemon: Agent, reach: Reach): Agent {
  function steady(
    onEvent: EventListener,
    signal: AbortSignal,
    request: (onEvent: EventListener) => Promise<RunEnd>,
  ): Promise<RunEnd> {
    let isBegun = false;
    const listen: EventListener = (event) => {
      // What is waited for is a notice.
      isBegun ||= event.type !== "notice";
      onEvent(event);
    };
    return persistently(
      reach,
      signal,
      () => request(listen),
      () => !isBegun,
    );
  }
  return {
    ...daemon,
    run: (request, waitMs, onEvent, signal) =>
      steady(onEvent, signal, (listen) => daemon.run(request, waitMs, listen, signal)),
    membership: (request, waitMs, onEvent, signal) =>
      steady(onEvent, signal, (listen) => daemon.membership(request, waitMs, listen, signal)),
  };
}

const daemonHasIt = new Error("a daemon has the lock");

/** The machine's lock for a command: where a daemon has it, it is not waited for. */
export function lockOfCommand(lock: RunLock): RunLock {
  return {
    acquire(what, waitMs, signal, onWait) {
      const yielded = new AbortController();
      return lock.acquire(what, waitMs, AbortSignal.any([signal, yielded.signal]), (holder) => {
        if (holder?.what === daemonHolds) yielded.abort(daemonHasIt);
        else onWait(holder);
      });
    },
  };
}

/** An agent in this process, under {@link lockOfCommand}; the daemon takes the request if it came to the lock first. */
export function yieldingTo(daemon: Agent, here: Agent): Agent {
  return {
    ...here,
    run: (...asked) => orDaemon(here.run(...asked), () => daemon.run(...asked)),
    membership: (...asked) => orDaemon(here.membership(...asked), () => daemon.membership(...asked)),
  };
}

async function orDaemon(work: Promise<RunEnd>, other: () => Promise<RunEnd>): Promise<RunEnd> {
  try {
    return await work;
  } catch (error) {
    if (error !== daemonHasIt) throw error;
    return other();
  }
}

/**
 * Works with the daemon; only if there is none, with what `here` makes. The work may be done twice.
 * @param daemon one of its interfaces, over its socket
 */
export async function daemonOrHere<Port, Result>(
  daemon: Port,
  here: () => Promise<Port>,
  work: (port: Port) => Promise<Result>,
  reach: Reach,
  signal: AbortSignal,
): Promise<Result> {
  try {
    return await persistently(reach, signal, () => work(daemon));
  } catch (error) {
    if (!isNotListening(error) || reach.isThere()) throw error;
  }
  return work(await here());
}
