import { canonical } from "../../domain/text/canonical.ts";
import { announcedMaintenance, type Maintenance } from "../../domain/membership/cloud-notice.ts";
import { departuresFrom, departuresOf } from "../../domain/membership/cloud-departures.ts";
import { isTransient, reportOf } from "../../domain/errors/errors.ts";
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

/** The name of this loop for the watchdog. */
const loop = "the watch over the cloud's notices";

/** Each request has its own deadline, of seconds. A poll that takes this long hangs, in milliseconds. */
const pollLimitMs = 3 * 60_000;

/** The interval while the cloud cannot be observed (metadata that is switched off). */
const blindMs = 5 * 60_000;

/** Failed polls in a row before they are reported: a metadata service that is busy for a moment is normal. */
const failuresToReport = 3;

/** After a run that should bring the instance back and left it out, in milliseconds. */
const wakeAgainMs = 60_000;

/**
 * Polls the notices of the cloud and the target state of the Auto Scaling group: every few seconds, jittered by a
 * quarter, with less than one request a second to the metadata service. It reports departures and never acts on them.
 * If only the group kept the instance out (warm pool, standby), a run brings it back when the group wants it in
 * service.
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
      // The jitter adds a quarter at most.
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
  /** By the code of the failure. */
  readonly reported: ReportGate<string>;
  /** The target state of the poll before this one; a standby that the instance requested itself does not count. */
  target: GroupTarget | undefined;
  /** No run to bring the instance back before this time. */
  wakeAtMs: number;
  /** The run that brings the instance back. Polling goes on meanwhile, because it takes minutes. Never rejects. */
  waking: Promise<void> | undefined;
};

/** @returns how long to wait for the next poll, in milliseconds */
async function poll(deps: Deps, memory: Memory, signal: AbortSignal): Promise<number> {
  try {
    const asked = [deps.lifecycle.target(signal), deps.notices.pending(signal)] as const;
    const [told, notices] = await Promise.allSettled(asked);
    // A failure of one request does not hide the answer of the other.
    if (notices.status === "fulfilled") {
      deps.departures.report("notices", departuresOf(notices.value));
      reportMaintenance(announcedMaintenance(notices.value), deps);
    }
    if (told.status === "rejected") throw told.reason;
    // A page that was there and is gone takes nothing back: the group says where it wants the instance for as long as it has it.
    const target = told.value ?? memory.target;
    const own = target === "standby" && (await deps.ownStandby());
    // Metadata may lag behind the end of a requested standby: the first answer that says standby does not count yet.
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

/** Maintenance lies days ahead and needs no action yet, but operators want to know. */
function reportMaintenance(maintenance: readonly Maintenance[], { bus, status }: Deps): void {
  if (canonical(maintenance) === canonical(status.current().maintenance ?? [])) return;
  bus.emit({ type: "maintenance-announced", maintenance });
}

/** Only the group kept the instance out, as a run found, and the group wants it in service now. */
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
    // A run under way, or another transient failure: the next poll tries again.
    if (isTransient(error)) return;
    const { code, message } = reportOf(error);
    bus.emit({ type: "notice", level: "warning", code, text: `The run to come back was not made: ${message}` });
    memory.wakeAtMs = clock.monotonicMs() + wakeAgainMs;
  }
}

/** Reports a failure once. */
function reportFailure(error: unknown, { bus }: Deps, memory: Memory): void {
  const { code, message } = reportOf(error);
  if (!memory.reported.isNew(code)) return;
  const text = `Nobody can say now what the cloud is about to do to this instance: ${message}`;
  bus.emit({ type: "notice", level: "warning", code, text });
}
