// Commands of a package manager as units: the common part of apt and dnf.
import { readFile } from "node:fs/promises";
import { reportOf, type MusterError } from "../../../domain/errors/errors.ts";
import { unitLogFile } from "../../../domain/settings/paths.ts";
import { formatDuration } from "../../../domain/text/units.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { StageContext } from "../../../ports/stage-context.ts";
import { detached, type UnitExit, type UnitRunner } from "../../../ports/unit-runner.ts";
import { findLine, isLockHeld, lockHeld, stoodStill, type Failed } from "./failures.ts";
import { holderOfLocks } from "./locks.ts";
import { unlessItStandsStill } from "./standstill.ts";

/** One command that changes packages or the index. */
export type Transaction = {
  /** The last part of the unit's name: the same for the same command in the same run. */
  readonly step: string;
  /** Program and verb, as `apt-get upgrade`. */
  readonly label: string;
  readonly argv: readonly [string, ...string[]];
  /** The locks that have to be free before it can begin. */
  readonly locks: readonly string[];
  readonly timeoutMs: number;
  /** Added to the dialect's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it changes packages. Then a cancelled run waits for its end: a torn transaction is worse than a late one. */
  readonly changesPackages?: true;
  /**
   * The places that show its work besides its output: it is stopped when nothing changes there. Absent: no such limit.
   */
  readonly writes?: readonly string[];
  /** An output line that means failure, although the exit status is 0. */
  readonly failedBy?: RegExp;
  /** Whether the output is a result, although the exit status is not 0. */
  readonly isResult?: (lines: readonly string[]) => boolean;
};

/** The meaning of an output line for a waiting person. */
export type Progress =
  | { readonly kind: "doing"; readonly text: string }
  | { readonly kind: "waiting"; readonly text: string };

/** The differences between package managers. */
export type Dialect = {
  readonly environment: Readonly<Record<string, string>>;
  /** The usual holder of its locks, as a clause. */
  readonly usualHolders: string;
  /** @returns undefined for a line without news */
  progressOf(line: string): Progress | undefined;
  failureOf(failed: Failed): MusterError;
};

export type TransactionDeps = {
  readonly units: UnitRunner;
  readonly clock: Clock;
  /** The file of a unit's output. */
  readonly logFile?: (unit: string) => string;
  readonly holderOf?: (locks: readonly string[]) => Promise<string | undefined>;
};

export type Transactions = {
  /**
   * Runs the command as a unit, after every other program with one of its locks; one may come back between check and
   * start, so the command is repeated then.
   * @returns its output
   * @throws MusterError see Dialect.failureOf
   */
  run(transaction: Transaction, context: StageContext): Promise<readonly string[]>;
  /**
   * Waits for a unit of this name that an earlier agent began.
   * @returns undefined if there is none
   */
  attach(
    unit: Pick<Transaction, "step" | "label" | "writes" | "changesPackages">,
    context: StageContext,
  ): Promise<UnitExit | undefined>;
  /**
   * Does `work` while the locks are free, and again if another program was faster.
   * @param what the work, for the error
   * @throws MusterError `package-lock-held` after a while, and the errors of `work`
   */
  whenFree<T>(locks: readonly string[], what: string, context: StageContext, work: () => Promise<T>): Promise<T>;
  /** Waits until the locks are free; after a while it reports and stops waiting. */
  whenIdle(locks: readonly string[], context: StageContext): Promise<void>;
  /** The whole output of these commands of a run, one after the other. */
  printed(run: string, units: readonly Pick<Transaction, "step">[]): Promise<string>;
};

/** The longest wait for other programs: unattended upgrades of a first boot can take this long. */
const lockWaitMs = 15 * 60_000;
const lockPollMs = 500;
/** The text that is searched for a complaint. */
const keptLines = 500;

export function createTransactions(deps: TransactionDeps, dialect: Dialect): Transactions {
  const { units, clock, logFile = unitLogFile, holderOf = holderOfLocks } = deps;

  async function whenFree<T>(
    locks: readonly string[],
    what: string,
    context: StageContext,
    work: () => Promise<T>,
  ): Promise<T> {
    const deadline = clock.monotonicMs() + lockWaitMs;
    for (;;) {
      await waitUntil(deadline, locks, what, context);
      try {
        return await work();
      } catch (error) {
        if (!isLockHeld(error) || clock.monotonicMs() >= deadline) throw error;
        await clock.sleep(lockPollMs, context.signal);
      }
    }
  }

  async function waitUntil(deadline: number, locks: readonly string[], what: string, context: StageContext) {
    const began = clock.monotonicMs();
    for (;;) {
      const holder = await holderOf(locks);
      if (holder === undefined) return;
      if (clock.monotonicMs() >= deadline) throw lockHeld(what, holder, dialect.usualHolders);
      context.waiting(`waiting for ${holder}, ${formatDuration(clock.monotonicMs() - began)} so far`);
      await clock.sleep(lockPollMs, context.signal);
    }
  }

  async function runOnce(transaction: Transaction, context: StageContext): Promise<readonly string[]> {
    const { step, label, argv, timeoutMs } = transaction;
    const name = unitOf(context.run, step);
    const log = logFile(name);
    // An earlier attempt of this run. Its work shows in the packages; its name is needed again.
    const earlier = await units.attach({ name, label, logFile: log }, context.signal, () => undefined);
    if (earlier !== undefined) await units.forget(name);
    const lines: string[] = [];
    const spec = {
      name,
      description: `muster: ${label}`,
      label,
      argv,
      env: { ...dialect.environment, ...transaction.env },
      logFile: log,
      timeoutMs,
    };
    const onLine = (line: string): void => {
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
      report(line, context);
    };
    const exit = await watched(transaction, log, context, (signal) => units.run(spec, signal, onLine));
    const failed = transaction.failedBy !== undefined && findLine(lines, transaction.failedBy) !== undefined;
    if (exit.kind === "exited" && exit.code === 0 && !failed) return lines;
    if (exit.kind === "exited" && transaction.isResult?.(lines) === true) return lines;
    throw dialect.failureOf({ what: label, exit, lines, logFile: log });
  }

  function watched<Result>(
    { label, writes, changesPackages }: Pick<Transaction, "label" | "writes" | "changesPackages">,
    log: string,
    context: StageContext,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const { signal } = context;
    if (changesPackages === true) return unlessDetached(context, work);
    if (writes === undefined) return work(signal);
    return unlessItStandsStill([log, ...writes], stoodStill(label, log), clock, signal, work);
  }

  function report(line: string, context: StageContext): void {
    context.output(line);
    const progress = dialect.progressOf(line);
    if (progress === undefined) return;
    if (progress.kind === "waiting") context.waiting(progress.text);
    else context.progress(progress.text);
  }

  async function whenIdle(locks: readonly string[], context: StageContext): Promise<void> {
    try {
      await waitUntil(clock.monotonicMs() + lockWaitMs, locks, context.stage, context);
    } catch (error) {
      if (!isLockHeld(error)) throw error;
      context.warn("package-lock-held", `${reportOf(error).message}; it goes on all the same`);
    }
  }

  return {
    whenFree,
    whenIdle,
    run: (transaction, context) =>
      whenFree(transaction.locks, transaction.label, context, () => runOnce(transaction, context)),
    attach(unit, context) {
      const name = unitOf(context.run, unit.step);
      const { label } = unit;
      const log = logFile(name);
      return watched(unit, log, context, (signal) =>
        units.attach({ name, label, logFile: log }, signal, (line) => context.output(line)),
      );
    },
    async printed(id, commands) {
      const logs = commands.map(({ step }) => readFile(logFile(unitOf(id, step)), "utf8").catch(() => ""));
      return (await Promise.all(logs)).join("\n");
    },
  };
}

/** Waits for the end of the work if the run is cancelled; only an agent that goes leaves it. @throws the signal's reason */
async function unlessDetached<Result>(
  context: StageContext,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const { signal } = context;
  const kept = new AbortController();
  const onAbort = (): void => {
    if (signal.reason === detached) kept.abort(detached);
    else context.waiting("cancelled: the package transaction ends first");
  };
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await work(kept.signal);
  } finally {
    signal.removeEventListener("abort", onAbort);
    signal.throwIfAborted();
  }
}

function unitOf(run: string, step: string): string {
  return `muster-${run}-${step}`;
}
