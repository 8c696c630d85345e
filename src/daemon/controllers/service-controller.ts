import { backOff, type Backoff } from "../../lib/async/backoff.ts";
import { canonical } from "../../domain/text/canonical.ts";
import { departureKey, endsMachine, type Departure } from "../../domain/membership/departure.ts";
import { reportOf } from "../../domain/errors/errors.ts";
import { usualLeave } from "../../domain/membership/leaving.ts";
import type { EventBody } from "../../domain/run/events.ts";
import { keepingHooks } from "../../scaling-group/heartbeats.ts";
import { finishTermination, terminationLimitMs } from "../../scaling-group/termination.ts";
import { aborted } from "../../lib/async/aborted.ts";
import { decideService, type ServiceDecision, type ServiceInputs } from "./service-decision.ts";
import { sourceOf } from "./departures.ts";
import type { DaemonDeps } from "../deps.ts";
import { leaveUnhealthy } from "./leave-unhealthy.ts";

type Deps = Pick<
  DaemonDeps,
  | "executor"
  | "membership"
  | "departures"
  | "answered"
  | "duty"
  | "pause"
  | "bus"
  | "status"
  | "clock"
  | "lifecycle"
  | "slots"
  | "balancer"
>;

/** Between attempts after a failure, in milliseconds. */
const backoff: Backoff = { firstMs: 1_000, maxMs: 30_000 };

/** How long to wait for a run under way: the instance comes back after it. */
const turnMs = 60 * 60_000;

/** The longest sleep, in milliseconds: the clock may be corrected meanwhile. */
const longestSleepMs = 60 * 60_000;

/** Reserved for completing the hook and writing tags before the machine goes, in milliseconds. */
const marginMs = 10_000;

/**
 * The controller of service: takes the instance out for the departures that hold, and brings it back when they are
 * over. Each change of the inputs leads to a new decision.
 */
export async function controlService(deps: Deps, signal: AbortSignal): Promise<void> {
  await deps.answered.load();
  let failures = 0;
  // A retry does not extend the time limit: it counts from the first attempt.
  let begun = { key: "", atMs: 0 };
  while (true) {
    const mine = marks(deps);
    const decision = decideService({ ...mine, ...world(deps) });
    const changed = untilAnother(deps, decision, mine);
    const key = decision.do === "leave" ? departureKey(decision.departure) : "";
    if (key !== begun.key) begun = { key, atMs: deps.clock.monotonicMs() };
    try {
      await act(deps, decision, begun.atMs, AbortSignal.any([signal, changed.signal]));
      failures = 0;
    } catch (error) {
      signal.throwIfAborted();
      if (changed.signal.aborted) continue;
      failures += 1;
      const { code, message } = reportOf(error);
      deps.bus.emit({ type: "notice", level: "warning", code, text: `${intentOf(decision)}: ${message}` });
      await pause(deps, failures, AbortSignal.any([signal, changed.signal]), signal);
    } finally {
      changed.end();
    }
  }
}

/** The inputs that this instance sets itself. */
type Marks = Pick<ServiceInputs, "wish" | "bootId" | "answered" | "past" | "seenThrough">;

function marks({ membership, answered, status }: Deps): Marks {
  const { bootId } = status.current();
  return {
    wish: membership.status().wish,
    bootId,
    answered: answered.answered(),
    past: answered.past(),
    seenThrough: answered.seenThrough(),
  };
}

/** The inputs from outside, and the time. */
function world({ departures, duty, pause, clock }: Deps): Omit<ServiceInputs, keyof Marks> {
  return {
    departures: departures.current(),
    heard: (kind) => departures.heard(sourceOf[kind]),
    policy: duty.current()?.role.leave ?? usualLeave,
    paused: pause.current() !== undefined,
    nowMs: clock.now().getTime(),
  };
}

/**
 * Aborts as soon as the decision would be another one. While a decision is carried out, the marks that this sets itself
 * do not count: only inputs from outside do.
 */
function untilAnother(
  deps: Deps,
  decision: ServiceDecision,
  mine: Marks,
): { readonly signal: AbortSignal; end(): void } {
  const over = new AbortController();
  const said = canonical(decision);
  function check(): void {
    const known = decision.do === "stay" ? marks(deps) : mine;
    if (canonical(decideService({ ...known, ...world(deps) })) !== said)
      over.abort(new Error("something else is to be done"));
  }
  const ends = [deps.departures.watch(check), deps.duty.watch(check), deps.bus.listen(check)];
  return {
    signal: over.signal,
    end() {
      for (const end of ends) end();
    },
  };
}

/** @param begunMs when this decision was first carried out, by the monotonic clock */
async function act(deps: Deps, decision: ServiceDecision, begunMs: number, signal: AbortSignal): Promise<void> {
  switch (decision.do) {
    case "stay":
      return await stay(deps, decision.untilMs, signal);
    case "leave":
      return await leaveFor(deps, decision.departure, begunMs, signal);
    case "return":
      await deps.executor.membership(
        { want: "in", by: decision.by, reason: "what took it out of service is over" },
        turnMs,
        ignore,
        signal,
      );
      return await deps.answered.remove(decision.over);
    case "forget":
      return await deps.answered.remove(decision.over);
  }
}

/** Leaves service, runs the commands, completes the hook, and then marks the departure as answered. */
async function leaveFor(deps: Deps, departure: Departure, begunMs: number, signal: AbortSignal): Promise<void> {
  const { executor, answered, bus, clock } = deps;
  const stops = endsMachine(departure);
  const withinMs = stops ? await withinOf(deps, departure, begunMs, signal) : Infinity;
  const untilMs = clock.monotonicMs() + withinMs;
  const request = {
    want: "out",
    by: departure.kind === "unhealthy" ? "health" : "notice",
    reason: departure.text,
    stops,
    ...(stops ? { withinMs } : {}),
  } as const;
  async function work(): Promise<void> {
    try {
      await executor.membership(request, 0, ignore, signal);
    } catch (error) {
      signal.throwIfAborted();
      // Complete the termination hook at the deadline, even if deregistering failed.
      if (clock.monotonicMs() < untilMs) throw error;
      const { code, message } = reportOf(error);
      bus.emit({ type: "notice", level: "warning", code, text: `There was no time left to leave: ${message}` });
    }
  }
  const heartbeats = { ...deps, emit: (event: EventBody) => bus.emit(event) };
  if (departure.kind === "unhealthy") await leaveUnhealthy(deps, work, signal);
  else await (stops ? keepingHooks(heartbeats, signal, work, "terminating") : work());
  if (stops) reportFinished(deps, await finishTermination(deps, signal));
  await answered.add(departureKey(departure));
}

/** How much of the time limit for leaving is left before the machine goes, in milliseconds. */
async function withinOf(deps: Deps, departure: Departure, begunMs: number, signal: AbortSignal): Promise<number> {
  const { duty, clock } = deps;
  const { kind, deadline } = departure;
  const { limitMs } = duty.current()?.role.leave ?? usualLeave;
  const hookMs = kind === "scale-in" ? await hookLimitMs(deps, signal) : Infinity;
  const most = kind === "spot" ? Infinity : Math.min(limitMs, hookMs - marginMs);
  const toDeadlineMs = deadline === undefined ? Infinity : Date.parse(deadline) - clock.now().getTime();
  return Math.max(0, Math.min(most - (clock.monotonicMs() - begunMs), toDeadlineMs - marginMs));
}

/** An unreachable Auto Scaling API does not block leaving. The heartbeats report the failure. */
async function hookLimitMs({ lifecycle }: Deps, signal: AbortSignal): Promise<number> {
  try {
    return terminationLimitMs(await lifecycle.observe(signal)) ?? Infinity;
  } catch {
    signal.throwIfAborted();
    return Infinity;
  }
}

function reportFinished({ bus }: Deps, hooks: readonly string[]): void {
  if (hooks.length === 0) return;
  const text = `Completed termination hook ${hooks.join(", ")}: the instance has left`;
  bus.emit({ type: "notice", level: "info", code: "termination-completed", text });
}

/** Sleeps until the given time; without one, until an input changes. */
async function stay({ clock }: Deps, untilMs: number | undefined, signal: AbortSignal): Promise<void> {
  if (untilMs === undefined) return await aborted(signal);
  await clock.sleep(Math.min(untilMs - clock.now().getTime(), longestSleepMs), signal);
}

async function pause({ clock }: Deps, failures: number, either: AbortSignal, signal: AbortSignal): Promise<void> {
  await backOff(backoff, failures, clock, either).catch(() => signal.throwIfAborted());
}

function intentOf(decision: ServiceDecision): string {
  switch (decision.do) {
    case "leave":
      return `Leaving is not finished (${decision.departure.text})`;
    case "return":
      return "The instance could not come back";
    case "stay":
    case "forget":
      return "What is over could not be noted";
  }
}

function ignore(): void {
  // The bus delivers these events to the listeners.
}
