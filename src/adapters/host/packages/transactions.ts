// Commands of a package manager as units: what apt and dnf share.
import { readFile } from "node:fs/promises";
import { reportOf, type MusterError } from "../../../domain/errors.ts";
import { unitLogFile } from "../../../domain/paths.ts";
import { formatDuration } from "../../../domain/units.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { StageContext } from "../../../ports/stage-context.ts";
import type { UnitExit, UnitRunner } from "../../../ports/unit-runner.ts";
import { findLine, isLockHeld, lockHeld, stoodStill, type Failed } from "./failures.ts";
import { holderOfLocks } from "./locks.ts";
import { unlessItStandsStill } from "./standstill.ts";

/** One command that changes packages or the index. */
export type Transaction = {
  /** The last part of the unit's name: the same command in the same run has the same. */
  readonly step: string;
  /** Program and verb, as `apt-get upgrade`. */
  readonly label: string;
  readonly argv: readonly [string, ...string[]];
  /** What has to be free before it can begin. */
  readonly locks: readonly string[];
  readonly timeoutMs: number;
  /** Added to the dialect's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where its work shows besides what it prints: it is stopped when nothing does. Absent: it may stand still. */
  readonly writes?: readonly string[];
  /** A printed line that means failure, although the exit status is 0. */
  readonly failedBy?: RegExp;
  /** Whether what it printed is a result, although the exit status is not 0. */
  readonly isResult?: (lines: readonly string[]) => boolean;
};

/** What a printed line means to somebody who waits. */
export type Progress =
  | { readonly kind: "doing"; readonly text: string }
  | { readonly kind: "waiting"; readonly text: string };

/** What is particular to a package manager. */
export type Dialect = {
  readonly environment: Readonly<Record<string, string>>;
  /** Who holds its locks as a rule, as a clause. */
  readonly usualHolders: string;
  /** @returns undefined for a line that tells nothing new */
  progressOf(line: string): Progress | undefined;
  failureOf(failed: Failed): MusterError;
};

export type TransactionDeps = {
  readonly units: UnitRunner;
  readonly clock: Clock;
  /** Where a unit's output goes. */
  readonly logFile?: (unit: string) => string;
  readonly holderOf?: (locks: readonly string[]) => Promise<string | undefined>;
};

export type Transactions = {
  /**
   * Runs the command as a unit, after everybody else who holds one of its locks; they may come back between
   * our look and its start, so that is tried again.
   * @returns what it printed
   * @throws MusterError see Dialect.failureOf
   */
  run(transaction: Transaction, context: StageContext): Promise<readonly string[]>;
  /** Waits for what an earlier agent began under this name. @returns undefined when there is none */
  attach(unit: Pick<Transaction, "step" | "label" | "writes">, context: StageContext): Promise<UnitExit | undefined>;
  /**
   * Does `work` while nobody holds a lock, and again where somebody was quicker.
   * @param what what would begin, for the error
   * @throws MusterError `package-lock-held` after a while, and what `work` throws
   */
  whenFree<T>(locks: readonly string[], what: string, context: StageContext, work: () => Promise<T>): Promise<T>;
  /** Waits until nobody holds a lock; after a while it is said, and no longer waited for. */
  whenIdle(locks: readonly string[], context: StageContext): Promise<void>;
  /** All that these commands of a run printed, one after the other. */
  printed(run: string, units: readonly Pick<Transaction, "step">[]): Promise<string>;
};

/** How long others may keep us waiting: a first boot's unattended upgrade can take this long. */
const lockWaitMs = 15 * 60_000;
const lockPollMs = 500;
/** What a complaint is looked for in. */
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
    // An earlier attempt of this run. What it did shows in the packages; its name is needed again.
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
    const exit = await watched(transaction, log, context, (signal) =>
      units.run(spec, signal, (line) => {
        lines.push(line);
        if (lines.length > keptLines) lines.shift();
        tell(line, context);
      }),
    );
    const failed = transaction.failedBy !== undefined && findLine(lines, transaction.failedBy) !== undefined;
    if (exit.kind === "exited" && exit.code === 0 && !failed) return lines;
    if (exit.kind === "exited" && transaction.isResult?.(lines) === true) return lines;
    throw dialect.failureOf({ what: label, exit, lines, logFile: log });
  }

  function watched<Result>(
    { label, writes }: Pick<Transaction, "label" | "writes">,
    log: string,
    { signal }: StageContext,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    if (writes === undefined) return work(signal);
    return unlessItStandsStill([log, ...writes], stoodStill(label, log), clock, signal, work);
  }

  function tell(line: string, context: StageContext): void {
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

function unitOf(run: string, step: string): string {
  return `muster-${run}-${step}`;
}
