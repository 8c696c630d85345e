import type { EventListener, PlannedStep } from "../../domain/run/events.ts";
import { isWhole, type RunEnd, type RunRequest } from "../../domain/run/run.ts";
import type { Agent, MembershipRequest } from "../../ports/agent.ts";
import type { RunLock } from "../../ports/run-lock.ts";
import {
  beginningOf,
  bootRunMade,
  catchUpWithLastAgent,
  interruptedRun,
  isDutyLost,
  isStatusLost,
} from "../start/beginning.ts";
import { comeBack, takeUpJoin } from "../start/by-hand.ts";
import { setDamagedAside } from "../state/damaged-state.ts";
import { checkDrift } from "./drift-check.ts";
import { createEventBus } from "../state/event-bus.ts";
import { leave } from "../leave/leave.ts";
import { cancelled, makeRun, type Beginning, type MakeRunDeps } from "./make-run.ts";
import { patchDue } from "./plan-patch.ts";
import { planRun } from "./plan-run.ts";
import { catchUp } from "../state/catch-up.ts";

export type ExecutorDeps = MakeRunDeps & {
  /** Within the daemon: its own turn-taking, because the daemon holds the machine's lock for all its life. */
  readonly lock: RunLock;
  /** Whether other processes may work between two turns: for a command, whose `lock` is the machine's. */
  readonly shared: boolean;
};

/** The one function that makes every run, in the daemon as in a command. */
export type Executor = Agent & {
  /** Reads status and wish from disk; under the machine's lock, or only to read. */
  load(): Promise<void>;
  /**
   * The work of a daemon start: the boot run, the rest of an interrupted run, or nothing (undefined) if this boot had
   * its run and the agent was only restarted.
   */
  start(signal: AbortSignal): Promise<RunEnd | undefined>;
  /** What a patch would do, by a fresh package index; `id` names the check. */
  patchDue(id: string, signal: AbortSignal): Promise<readonly PlannedStep[]>;
  /**
   * Reports how far the machine is from its commit. Does not wait for a run.
   * @throws MusterError `lock-held` beside a run; as the engine's `compare`
   */
  checkDrift(signal: AbortSignal): Promise<void>;
};

export function createExecutor(deps: ExecutorDeps): Executor {
  async function inTurn<T>(what: string, waitMs: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const turn = await deps.lock.acquire(what, waitMs, signal, (holder) => {
      const text =
        holder === undefined ? "another run" : `"${holder.what}" (process ${holder.pid}, since ${holder.since})`;
      deps.bus.emit({ type: "notice", level: "info", code: "lock-wait", text: `Waiting for ${text}` });
    });
    try {
      await setDamagedAside(deps.files, (event) => deps.bus.emit(event));
      // Another process may have worked while this one waited.
      if (deps.shared) await load();
      return await work();
    } finally {
      await turn.release();
    }
  }

  async function load(): Promise<void> {
    await deps.status.load();
    await deps.duty.load();
    await deps.membership.load((event) => deps.bus.emit(event));
  }

  async function heard<T>(onEvent: EventListener, work: () => Promise<T>): Promise<T> {
    const stop = deps.bus.listen(onEvent);
    try {
      return await work();
    } finally {
      stop();
    }
  }

  /** The run under way. */
  let current: { readonly end: Promise<RunEnd>; readonly cancel: AbortController } | undefined;

  async function make(request: RunRequest, beginning: Beginning, signal: AbortSignal): Promise<RunEnd> {
    const cancel = new AbortController();
    const end = makeRun(deps, request, beginning, signal, cancel.signal);
    current = { end, cancel };
    try {
      return await end;
    } finally {
      current = undefined;
    }
  }

  async function run(request: RunRequest, signal: AbortSignal): Promise<RunEnd> {
    // A unit of an interrupted run may still be at work: end that run first, so that nothing runs twice.
    const interrupted = await interruptedRun(deps);
    if (interrupted !== undefined) {
      const end = await make(request, interrupted, signal);
      if (end.kind === "rebooting" || isSame(request, interrupted.resume?.state.started.request)) return end;
    }
    return make(request, await beginningOf(deps, signal), signal);
  }

  /** On a bus of its own: status, log and journal record only what was done. */
  function plan(request: RunRequest, onEvent: EventListener, signal: AbortSignal): Promise<RunEnd> {
    const bus = createEventBus(deps.clock);
    bus.listen(onEvent);
    return planRun({ ...deps, bus }, request, signal);
  }

  return {
    load,
    run: (request, waitMs, onEvent, signal) =>
      request.dryRun
        ? plan(request, onEvent, signal)
        : heard(onEvent, () => inTurn(nameOf(request), waitMs, signal, () => run(request, signal))),
    membership: (request: MembershipRequest, waitMs, onEvent, signal) =>
      heard(onEvent, () => {
        // Within one process a drain goes on beside a run, which gives way to it.
        if (request.want === "out" && !deps.shared) return leave(deps, request, signal);
        if (request.want === "out") return inTurn("muster drain", waitMs, signal, () => leave(deps, request, signal));
        return inTurn("muster join", waitMs, signal, () => comeBack(deps, request, (join) => run(join, signal)));
      }),
    async cancel(by, onEvent, signal) {
      const run = current;
      const none = { kind: "done", changed: false, note: "no run is under way" } as const;
      // Without a daemon another process may make a run: this says which.
      if (run === undefined) return deps.shared ? inTurn("muster cancel", 0, signal, async () => none) : none;
      return heard(onEvent, () => {
        run.cancel.abort(cancelled(by));
        return run.end;
      });
    },
    checkDrift: (signal) => inTurn("the drift check", 0, signal, () => checkDrift(deps, signal)),
    async status() {
      await deps.status.flush();
      return deps.status.current();
    },
    async follow(onEvent, signal) {
      const stop = deps.bus.listen(onEvent);
      const { run: current } = deps.status.current();
      const at = deps.clock.now().toISOString();
      for (const body of catchUp(deps.status.current())) onEvent({ ...body, at, ...(current && { run: current.id }) });
      try {
        await aborted(signal);
      } finally {
        stop();
      }
    },
    start: (signal) =>
      inTurn("the boot run", Number.POSITIVE_INFINITY, signal, async () => {
        const interrupted = await interruptedRun(deps);
        const resumed =
          interrupted === undefined ? undefined : await make({ cause: "boot", dryRun: false }, interrupted, signal);
        const made = resumed?.kind === "rebooting" || (await bootRunMade(deps));
        if (made) await catchUpWithLastAgent(deps);
        if (made && !isStatusLost(deps) && !isDutyLost(deps)) {
          return resumed ?? (await takeUpJoin(deps, (join) => run(join, signal)));
        }
        return make({ cause: "boot", dryRun: false }, await beginningOf(deps, signal), signal);
      }),
    patchDue: (id, signal) =>
      inTurn("a look at the packages", Number.POSITIVE_INFINITY, signal, () => patchDue(id, deps, signal)),
  };
}

/** Whether the end of the interrupted run also answers the request. */
function isSame(asked: RunRequest, made: RunRequest | undefined): boolean {
  return made !== undefined && isWhole(asked) && isWhole(made);
}

function nameOf(request: RunRequest): string {
  return ["muster run", ...(request.stages ?? [])].join(" ");
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
