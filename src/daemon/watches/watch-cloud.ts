import { canonical } from "../../domain/canonical.ts";
import { announcedMaintenance, type Maintenance } from "../../domain/cloud-notice.ts";
import { departuresFrom, departuresOf } from "../../domain/cloud-departures.ts";
import { isTransient, reportOf } from "../../domain/errors.ts";
import { sleepJittered } from "../../lib/async/periodic.ts";
import { createReportGate, type ReportGate } from "../../lib/async/report.ts";
import type { GroupTarget } from "../../ports/lifecycle.ts";
import type { DaemonDeps } from "../deps.ts";

type Deps = Pick<
  DaemonDeps,
  | "executor"
  | "status"
  | "membership"
  | "bus"
  | "clock"
  | "lifecycle"
  | "notices"
  | "departures"
  | "ownStandby"
  | "beats"
>;

/** What the watchdog calls it. */
const loop = "the watch over the cloud's notices";

/** A look has deadlines of its own, of seconds. One that takes this long hangs, in milliseconds. */
const pollLimitMs = 3 * 60_000;

/** The same where the cloud can tell nothing for now (metadata that is switched off). */
const blindMs = 5 * 60_000;

/** Looks that fail in a row before it is said: a metadata service that is busy for a moment is not worth a word. */
const failuresToReport = 3;

/** After a run that was to bring the instance back and left it out, in milliseconds. */
const wakeAgainMs = 60_000;

/**
 * Watches what the cloud says that it is about to do to this instance, and where Auto Scaling wants it: every few
 * seconds, a quarter more or less, and less than one request to a metadata service a second, with room for others. Reports
 * reasons to leave and never acts on them; what keeps the instance out by the group alone (the warm pool, standby) ends
 * with a run when the group wants it in service.
 */
export async function watchCloud(deps: Deps, signal: AbortSignal): Promise<void> {
  const memory: Memory = {
    failures: 0,
    reported: createReportGate(),
    target: undefined,
    wakeAtMs: 0,
    waking: undefined,
  };
  try {
    while (true) {
      deps.beats.beat(loop, pollLimitMs);
      const pauseMs = await poll(deps, memory, signal);
      // A quarter more at most.
      deps.beats.beat(loop, 2 * pauseMs + pollLimitMs);
      await sleepJittered(pauseMs, deps.clock, signal);
    }
  } finally {
    deps.beats.rest(loop);
    await memory.waking;
  }
}

type Memory = {
  failures: number;
  /** By the code of the trouble. */
  readonly reported: ReportGate<string>;
  /** What the look before this one saw, a standby of the instance's own apart: that is no reason to leave. */
  target: GroupTarget | undefined;
  /** A run to bring the instance back is not made before. */
  wakeAtMs: number;
  /** That run: it takes minutes, in which the cloud may have more to say. Never rejects. */
  waking: Promise<void> | undefined;
};

/** @returns how long to wait for the next, in milliseconds */
async function poll(deps: Deps, memory: Memory, signal: AbortSignal): Promise<number> {
  try {
    const asked = [deps.lifecycle.target(signal), deps.notices.pending(signal)] as const;
    const [told, notices] = await Promise.allSettled(asked);
    // What the one could not be asked hides nothing that the other tells.
    if (notices.status === "fulfilled") {
      deps.departures.report("notices", departuresOf(notices.value));
      reportMaintenance(announcedMaintenance(notices.value), deps);
    }
    if (told.status === "rejected") throw told.reason;
    const target = told.value;
    const own = target === "standby" && (await deps.ownStandby());
    // Metadata may lag behind the end of a standby of one's own: the first sight of one tells neither way.
    if (target !== "standby" || own || memory.target === target) {
      deps.departures.report("lifecycle", own ? [] : departuresFrom(target));
    }
    memory.target = own ? undefined : target;
    if (notices.status === "rejected") throw notices.reason;
    memory.failures = 0;
    memory.reported.isNew(undefined);
    memory.waking ??= wakeIfWanted(target, deps, memory, signal)
      .catch(() => undefined)
      .finally(() => (memory.waking = undefined));
    return deps.notices.everyMs();
  } catch (error) {
    signal.throwIfAborted();
    memory.failures += 1;
    if (!isTransient(error) || memory.failures >= failuresToReport) reportFailure(error, deps, memory);
    return isTransient(error) ? deps.notices.everyMs() : blindMs;
  }
}

/** Days ahead nothing is done about it yet, and people want to know. */
function reportMaintenance(maintenance: readonly Maintenance[], { bus, status }: Deps): void {
  if (canonical(maintenance) === canonical(status.current().maintenance ?? [])) return;
  bus.emit({ type: "maintenance-announced", maintenance });
}

/** The group alone kept the instance out, by what a run found, and wants it in service now. */
async function wakeIfWanted(
  target: GroupTarget | undefined,
  { executor, status, membership, bus, clock }: Deps,
  memory: Memory,
  signal: AbortSignal,
): Promise<void> {
  const { wish } = membership.status();
  const keptOut = status.current().state === "out-of-service" && wish?.want === "out" && wish.by === "run";
  if (target !== "in-service" || !keptOut || clock.monotonicMs() < memory.wakeAtMs) return;
  try {
    await executor.run({ cause: "wake", dryRun: false }, 0, () => undefined, signal);
    memory.wakeAtMs = clock.monotonicMs() + wakeAgainMs;
  } catch (error) {
    signal.throwIfAborted();
    // A run under way, and whatever passes, is asked again soon.
    if (isTransient(error)) return;
    const { code, message } = reportOf(error);
    bus.emit({ type: "notice", level: "warning", code, text: `The run to come back was not made: ${message}` });
    memory.wakeAtMs = clock.monotonicMs() + wakeAgainMs;
  }
}

/** The same trouble is told once. */
function reportFailure(error: unknown, { bus }: Deps, memory: Memory): void {
  const { code, message } = reportOf(error);
  if (!memory.reported.isNew(code)) return;
  const text = `Nobody can say now what the cloud is about to do to this instance: ${message}`;
  bus.emit({ type: "notice", level: "warning", code, text });
}
