import { unitLogFile } from "../../domain/paths.ts";
import { formatDuration } from "../../domain/units.ts";
import type { Clock } from "../../ports/clock.ts";
import type { StageContext } from "../../ports/stage-context.ts";
import type { UnitRunner } from "../../ports/unit-runner.ts";
import { failureOf, lockHeld } from "./failure.ts";
import { holderOfLocks } from "./locks.ts";
import { progressOf } from "./progress.ts";

/** One command that changes packages or the index. */
export type Transaction = {
  /** The last part of the unit's name: the same command in the same run has the same. */
  readonly step: string;
  readonly argv: readonly [string, ...string[]];
  /** What has to be free before it can begin. */
  readonly locks: readonly string[];
  readonly timeoutMs: number;
};

export type TransactionDeps = {
  readonly units: UnitRunner;
  readonly clock: Clock;
  /** Where a unit's output goes. */
  readonly logFile?: (unit: string) => string;
  readonly holderOf?: (locks: readonly string[]) => Promise<string | undefined>;
};

/** How long others may keep us waiting: a first boot's unattended upgrade can take this long. */
const lockWaitMs = 15 * 60_000;
const lockPollMs = 500;
/** What a complaint is looked for in. */
const keptLines = 500;

const environment = {
  DEBIAN_FRONTEND: "noninteractive",
  APT_LISTCHANGES_FRONTEND: "none",
  APT_LISTBUGS_FRONTEND: "none",
  UCF_FORCE_CONFFOLD: "1",
  // needrestart lists what should be restarted and restarts nothing: not muster, not what serves.
  NEEDRESTART_MODE: "l",
};

export function unitOf(run: string, step: string): string {
  return `muster-${run}-${step}`;
}

/**
 * Runs the command as a unit, after everybody else who holds one of its locks; they may come back between
 * our look and its start, so that is tried again.
 * @throws MusterError see failureOf
 */
export async function runTransaction(
  transaction: Transaction,
  deps: TransactionDeps,
  context: StageContext,
): Promise<void> {
  const deadline = deps.clock.monotonicMs() + lockWaitMs;
  for (;;) {
    await waitForLocks(transaction.locks, transaction.argv[0], deadline, deps, context);
    try {
      await runOnce(transaction, deps, context);
      return;
    } catch (error) {
      const again = isLockHeld(error) && deps.clock.monotonicMs() < deadline;
      if (!again) throw error;
      await deps.clock.sleep(lockPollMs, context.signal);
    }
  }
}

/** @throws MusterError `package-lock-held` after the deadline (monotonic milliseconds) */
export async function waitForLocks(
  locks: readonly string[],
  what: string,
  deadline: number,
  { clock, holderOf = holderOfLocks }: TransactionDeps,
  context: StageContext,
): Promise<void> {
  const began = clock.monotonicMs();
  for (;;) {
    const holder = await holderOf(locks);
    if (holder === undefined) return;
    if (clock.monotonicMs() >= deadline) throw lockHeld(what, holder);
    context.waiting(`waiting for ${holder}, ${formatDuration(clock.monotonicMs() - began)} so far`);
    await clock.sleep(lockPollMs, context.signal);
  }
}

/** When a look at the packages may begin at the latest, in monotonic milliseconds. */
export function lockDeadline(clock: Clock): number {
  return clock.monotonicMs() + lockWaitMs;
}

async function runOnce(
  { step, argv, timeoutMs }: Transaction,
  { units, logFile = unitLogFile }: TransactionDeps,
  context: StageContext,
): Promise<void> {
  const unit = unitOf(context.run, step);
  const log = logFile(unit);
  const label = commandName(argv);
  // An earlier attempt of this run. What it did shows in the packages; its name is needed again.
  if ((await units.attach({ name: unit, label, logFile: log }, context.signal, ignore)) !== undefined)
    await units.forget(unit);
  const lines: string[] = [];
  const spec = {
    name: unit,
    description: `muster: ${label}`,
    label,
    argv,
    env: environment,
    workingDirectory: "/",
    logFile: log,
    timeoutMs,
  };
  const exit = await units.run(spec, context.signal, (line) => {
    lines.push(line);
    if (lines.length > keptLines) lines.shift();
    tell(line, context);
  });
  if (exit.kind === "exited" && exit.code === 0) return;
  throw failureOf({ what: label, exit, lines, logFile: log });
}

function tell(line: string, context: StageContext): void {
  context.output(line);
  const progress = progressOf(line);
  if (progress === undefined) return;
  if (progress.kind === "waiting") context.waiting(progress.text);
  else context.progress(progress.text);
}

/** `apt-get upgrade` of `apt-get -q -o X=Y upgrade --with-new-pkgs`. */
export function commandName(argv: readonly string[]): string {
  const verb = argv.slice(1).find((arg, at) => !arg.startsWith("-") && argv[at] !== "-o");
  return [argv[0], verb ?? argv[1]].join(" ");
}

function isLockHeld(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "package-lock-held";
}

function ignore(): void {}
