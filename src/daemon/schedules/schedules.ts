import type { Departure } from "../../domain/membership/departure.ts";
import { reportOf } from "../../domain/errors/errors.ts";
import type { StatusReport } from "../../domain/instance/status.ts";
import { scheduleNames, timesOf, type ScheduleName, type Times } from "../../domain/run/times.ts";
import type { Duty } from "../../run/state/duty.ts";
import { aborted } from "../../lib/async/aborted.ts";
import { sleepJittered } from "../../lib/async/periodic.ts";
import { atTimes } from "./at-times.ts";
import { cordonOf } from "../controllers/cordon.ts";
import { createCommitPoll } from "./commit-poll.ts";
import type { DaemonDeps } from "../deps.ts";
import { sweepNow } from "../sweep/keep-sweeping.ts";

type Deps = Pick<
  DaemonDeps,
  | "executor"
  | "membership"
  | "sweeping"
  | "intervals"
  | "duty"
  | "status"
  | "pause"
  | "departures"
  | "bus"
  | "clock"
  | "scheduler"
  | "repo"
  | "pollMs"
>;

/** @param time as the schedule says it, without this instance's offset */
type Work = (time: Date) => Promise<void>;

/** Does the scheduled work of the current role, also after the role has changed. */
export async function keepSchedules(deps: Deps, signal: AbortSignal): Promise<void> {
  const pollCommit = createCommitPoll(deps);
  const works: Readonly<Record<ScheduleName, Work>> = {
    converge: (time) => converge(time, deps, signal),
    drift: () => deps.executor.checkDrift(signal),
    fetch: () => pollCommit(signal),
    sweep: async () => void (await sweepNow(deps, signal)),
  };
  const schedules = scheduleNames.map((name) => keepSchedule(name, works[name], deps, signal));
  await Promise.all([...schedules, keepPolling(() => pollCommit(signal), deps, signal)]);
}

/** Begins anew with each other schedule that a run brings, and with none waits for one. */
async function keepSchedule(name: ScheduleName, work: Work, deps: Deps, signal: AbortSignal): Promise<void> {
  const { duty } = deps;
  function begin(time: Date): void {
    void attempt(`schedule.${name}`, () => work(time), deps, signal);
  }
  while (true) {
    const known = duty.current();
    const times = timesFor(known, name);
    const other = new AbortController();
    const either = AbortSignal.any([signal, other.signal]);
    const stop = duty.watch((next) => {
      if (!isSame(times, timesFor(next, name))) other.abort(new Error("another schedule"));
    });
    try {
      if (known !== undefined && times !== undefined) {
        await atTimes(times, known.identity.instance.id, deps, begin, either);
      }
      await aborted(either);
    } catch (error) {
      signal.throwIfAborted();
      if (!other.signal.aborted) throw error;
    } finally {
      stop();
    }
  }
}

function timesFor(duty: Duty | undefined, name: ScheduleName): Times | undefined {
  return duty && timesOf(duty.role, name);
}

function isSame(one: Times | undefined, other: Times | undefined): boolean {
  return one?.expression === other?.expression && one?.splayMs === other?.splayMs;
}

/** Polls as the settings say, besides the role's schedule. Jittered: a fleet spreads its requests. */
async function keepPolling(look: () => Promise<void>, deps: Deps, signal: AbortSignal): Promise<void> {
  const { pollMs, clock } = deps;
  if (pollMs === undefined) return;
  while (true) {
    await sleepJittered(pollMs, clock, signal);
    await attempt("config.poll", look, deps, signal);
  }
}

async function converge(time: Date, { executor, status, clock }: Deps, signal: AbortSignal): Promise<void> {
  // Whether converge ran after the scheduled time, for example in the boot run. A run that lies ahead was made with a
  // wrong clock.
  if (status.current().state === "held" || convergedSince(status.current(), time, clock.now())) return;
  await executor.run({ cause: "schedule", dryRun: false }, 0, () => undefined, signal);
}

/**
 * A run that began after the time has done what the time is for, as the boot run has. One that has yet to begin was made
 * when the clock was wrong.
 */
function convergedSince({ run }: StatusReport, time: Date, now: Date): boolean {
  const stage = run?.stages.find((each) => each.stage === "converge");
  if (stage?.state !== "changed" && stage?.state !== "unchanged") return false;
  const startedAt = Date.parse(stage.startedAt ?? "");
  return startedAt >= time.getTime() && startedAt <= now.getTime();
}

/**
 * What meets a run under way is dropped and said: that run does its work. Nothing is begun in a pause, on the way
 * out, and while the cloud is about to take the machine.
 */
async function attempt(name: string, work: () => Promise<void>, deps: Deps, signal: AbortSignal): Promise<void> {
  const { pause, status, departures, bus } = deps;
  const { state } = status.current();
  if (pause.current() !== undefined || state === "leaving" || state === "rebooting") return;
  if (cordonOf(deps) !== undefined || departures.current().some(isLast)) return;
  try {
    await work();
  } catch (error) {
    if (signal.aborted) return;
    const { code, message } = reportOf(error);
    bus.emit({ type: "notice", level: "warning", code, text: `What ${name} asks for was not done: ${message}` });
  }
}

/** Whether the machine will be gone: maintenance comes back, and may be days ahead. */
function isLast({ kind }: Departure): boolean {
  return kind === "spot" || kind === "scale-in";
}
