import { reportOf } from "../domain/errors/errors.ts";
import type { EventBody } from "../domain/run/events.ts";
import { formatDuration } from "../domain/text/units.ts";
import type { Reloads } from "../ports/reloads.ts";
import { daemonHolds, type RunLock } from "../ports/run-lock.ts";
import { detached } from "../ports/unit-runner.ts";
import { keepingHooks } from "../scaling-group/heartbeats.ts";
import { changeState } from "../run/state/change-state.ts";
import { awaitReload, type Prepare, type PutTogether } from "./await-reload.ts";
import { reportCordon } from "./controllers/cordon.ts";
import type { DaemonDeps } from "./deps.ts";
import { keepBeating } from "./controllers/keep-beating.ts";
import { keepMembership } from "./controllers/keep-membership.ts";
import { keepPatching } from "./patching/keep-patching.ts";
import { keepPaused } from "./pause/keep-paused.ts";
import { keepRebooting } from "./controllers/keep-rebooting.ts";
import { keepReplacing } from "./controllers/keep-replacing.ts";
import { keepRetrying } from "./controllers/keep-retrying.ts";
import { keepSchedules } from "./schedules/schedules.ts";
import { keepSlot } from "./patching/keep-slot.ts";
import { controlService } from "./controllers/service-controller.ts";
import { keepSweeping } from "./sweep/keep-sweeping.ts";
import { showState } from "./show-state.ts";
import { watchAddresses } from "./watches/watch-addresses.ts";
import { watchCloud } from "./watches/watch-cloud.ts";
import { watchHealth } from "./watches/watch-health.ts";
import { watchTags } from "./watches/watch-tags.ts";

/** How long the boot run waits for cloud-init, which may install what a role needs, in milliseconds. */
const cloudInitLimitMs = 10 * 60_000;

/**
 * These start beside the boot run, once the state on disk is known to belong to this instance. The boot run may be the
 * rest of a patch and outlast the slot, and a machine that is taken back cannot wait for it.
 */
const early = [keepSlot, watchCloud, controlService];

const watches = [
  keepRetrying,
  keepRebooting,
  watchHealth,
  keepSchedules,
  keepReplacing,
  keepMembership,
  keepPaused,
  watchTags,
  watchAddresses,
  reportCordon,
  keepSweeping,
  keepPatching,
];

/** The parts that stay the same across reloads of the settings. */
export type DaemonLife = {
  /** The machine's lock, held for the life of the daemon, so that no other process makes runs. */
  readonly lock: RunLock;
  readonly reloads: Reloads;
  readonly prepare: Prepare;
  readonly signal: AbortSignal;
};

/**
 * The process that systemd starts: answers on the control socket, reports READY, makes the boot run, then runs the
 * watches until `life.signal` aborts. It ends without leaving service. A reload replaces everything except the lock,
 * when no run is under way; all state is on disk.
 */
export async function daemon(first: DaemonDeps, life: DaemonLife): Promise<void> {
  const { lock, signal } = life;
  try {
    const held = await lock.acquire(daemonHolds, Number.POSITIVE_INFINITY, signal, (holder) => {
      const who = holder === undefined ? "another run" : `"${holder.what}" (process ${holder.pid})`;
      first.services.status(`waiting for ${who}`);
    });
    try {
      let again = await underLock(first, life, waitForCloudInit);
      while (again !== undefined) again = await underLock(await again(), life, async () => undefined);
    } finally {
      await held.release();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** @returns how to build the daemon from the new settings */
async function underLock(
  deps: DaemonDeps,
  { reloads, prepare, signal }: DaemonLife,
  beforeRun: typeof waitForCloudInit,
): Promise<PutTogether | undefined> {
  const { executor, services, bus, status } = deps;
  await executor.load();
  const reloaded = new AbortController();
  const over = new AbortController();
  // An exception in one watch ends all of them: the daemon goes down.
  const alive = AbortSignal.any([signal, reloaded.signal, over.signal]);
  // A failing watch does not cancel the requests of operators.
  const served = AbortSignal.any([signal, reloaded.signal]);
  const server = await deps.control.listen(
    { agent: executor, pauses: deps.pause, settings: deps.inForce, ...deps.tags },
    served,
  );
  const stopShowing = showState(bus, services, status.current());
  const beat = keepBeating(deps, alive);
  const work = keepWatch(deps, beforeRun, alive);
  let again: PutTogether | undefined;
  try {
    again = await Promise.race([work, awaitReload(deps, reloads, prepare, alive)]);
    return again;
  } finally {
    if (again === undefined) over.abort(new Error("the daemon ends"));
    else reloaded.abort(detached);
    await work.catch(() => undefined);
    await (again === undefined ? services.stopping() : services.reloading());
    stopShowing();
    await status.flush();
    await server.close();
    await beat;
  }
}

async function keepWatch(deps: DaemonDeps, beforeRun: typeof waitForCloudInit, signal: AbortSignal): Promise<never> {
  const owned = whenOwned(deps.bus);
  const loaded = owned.promise.then(() => deps.slots.load());
  const beside = loaded.then(() => Promise.all(early.map((watch) => watch(deps, signal))));
  beside.catch(() => undefined);
  const told = deps.services.ready();
  await beforeRun(deps, signal);
  await bootRun(deps, signal);
  await told;
  owned.resolve();
  await loaded;
  await Promise.all([beside, ...watches.map((watch) => watch(deps, signal))]);
  throw new Error("a watch ended by itself");
}

/**
 * Resolves when a run has found that the state on disk belongs to this instance: an image may contain another
 * instance's slot.
 */
function whenOwned(bus: DaemonDeps["bus"]): PromiseWithResolvers<void> {
  const owned = Promise.withResolvers<void>();
  const stop = bus.listen(
    (event) => event.type === "run-facts" && event.facts.instance !== undefined && owned.resolve(),
  );
  void owned.promise.then(stop);
  return owned;
}

/** Makes the boot run. A failure before the run has a journal is reported, and the watches start all the same. */
async function bootRun(deps: DaemonDeps, signal: AbortSignal): Promise<void> {
  try {
    await deps.executor.start(signal);
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = reportOf(error);
    deps.bus.emit({ type: "notice", level: "error", code, text: `The boot run could not be made: ${message}` });
    // An instance in service goes on serving without a run: the table lists nothing for it.
    changeState(deps, { trigger: "run-impossible", reason: message, brief: code });
  }
}

/** A shorter wait is not reported, in milliseconds. */
const quickMs = 100;

async function waitForCloudInit(deps: DaemonDeps, signal: AbortSignal): Promise<void> {
  const begun = deps.clock.monotonicMs();
  const over = new AbortController();
  const waiting = deps.services.waitForCloudInit(cloudInitLimitMs, signal);
  const isWaiting = AbortSignal.any([signal, over.signal]);
  const beside = whileItWaits(deps, waiting, isWaiting);
  const ended = await waiting.finally(() => over.abort());
  await beside;
  if (ended === "absent") return;
  const took = formatDuration(deps.clock.monotonicMs() - begun);
  if (ended === "done") {
    deps.bus.emit({
      type: "notice",
      level: "info",
      code: "cloud-init-done",
      text: `cloud-init was done after ${took}`,
    });
    return;
  }
  const text = `cloud-init was not done after ${took}; the boot run begins without it`;
  deps.bus.emit({ type: "notice", level: "warning", code: "cloud-init-slow", text });
}

/** A wait that is not quickly over is reported, and launch hooks are kept waiting: user data may take longer than they do. */
async function whileItWaits(deps: DaemonDeps, waiting: Promise<unknown>, signal: AbortSignal): Promise<void> {
  try {
    await deps.clock.sleep(quickMs, signal);
  } catch {
    return;
  }
  sayThatItWaits(deps);
  const emit = (event: EventBody) => deps.bus.emit(event);
  await keepingHooks({ ...deps, emit }, signal, async () => await waiting.catch(() => undefined));
}

/**
 * Report the wait at once: an operator may wonder why there is no run. The state of an instance that serves, or was
 * taken out, stays as it is.
 */
function sayThatItWaits(deps: DaemonDeps): void {
  const reason = `waiting for cloud-init, at most ${formatDuration(cloudInitLimitMs)}; the boot run begins when it is done`;
  changeState(deps, { trigger: "waits-for-cloud-init", reason, waitsFor: "cloud-init" });
}
