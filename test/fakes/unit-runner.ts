// Units without systemd: a machine in memory that outlives the runners made from it.
import { appendFile, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { detached, type UnitExit, type UnitRunner, type UnitSpec } from "../../src/ports/unit-runner.ts";

/** What a started command does. `go` is awaited between `lines` and `after`. */
export type FakeProgram = {
  readonly lines?: readonly string[];
  readonly go?: Promise<void>;
  readonly after?: readonly string[];
  readonly exit?: UnitExit;
};

export type FakeUnits = {
  /** A runner that knows nothing but what the machine knows. */
  agent(): UnitRunner;
  /** Every spec that was started, in order. */
  readonly started: readonly UnitSpec[];
  /** Whether a unit runs. */
  lives(name: string): boolean;
};

type Unit = {
  readonly listeners: Set<(line: string) => void>;
  readonly stop: (exit: UnitExit) => void;
  readonly ended: Promise<UnitExit>;
  exit?: UnitExit;
};

/** @param programOf what a spec does; throw for what the test does not expect */
export function createFakeUnits(programOf: (spec: UnitSpec) => FakeProgram): FakeUnits {
  const units = new Map<string, Unit>();
  const started: UnitSpec[] = [];

  function start(spec: UnitSpec): Unit {
    started.push(spec);
    const { promise: ended, resolve } = Promise.withResolvers<UnitExit>();
    const unit: Unit = { listeners: new Set(), stop, ended };
    function stop(exit: UnitExit): void {
      unit.exit ??= exit;
      resolve(unit.exit);
    }
    units.set(spec.name, unit);
    const timer = setTimeout(() => stop({ kind: "timed-out" }), spec.timeoutMs);
    void play(spec, programOf(spec), unit).then(stop);
    void ended.then(() => clearTimeout(timer));
    return unit;
  }

  async function run(spec: UnitSpec, signal: AbortSignal, onLine: (line: string) => void): Promise<UnitExit> {
    signal.throwIfAborted();
    const known = units.get(spec.name);
    if (known?.exit !== undefined) return known.exit;
    return follow(spec.name, known ?? start(spec), signal, onLine);
  }

  async function attach(
    { name }: Pick<UnitSpec, "name">,
    signal: AbortSignal,
    onLine: (line: string) => void,
  ): Promise<UnitExit | undefined> {
    signal.throwIfAborted();
    const unit = units.get(name);
    return unit === undefined ? undefined : (unit.exit ?? follow(name, unit, signal, onLine));
  }

  async function follow(
    name: string,
    unit: Unit,
    signal: AbortSignal,
    onLine: (line: string) => void,
  ): Promise<UnitExit> {
    unit.listeners.add(onLine);
    try {
      return await Promise.race([unit.ended, abortOf(signal)]);
    } catch (error) {
      if (signal.reason !== detached) {
        unit.stop({ kind: "killed", signal: "SIGTERM" });
        units.delete(name);
      }
      throw error;
    } finally {
      unit.listeners.delete(onLine);
    }
  }

  async function forget(name: string): Promise<void> {
    await units.get(name)?.ended;
    units.delete(name);
  }

  return {
    agent: () => ({ run, attach, forget }),
    started,
    lives: (name) => units.has(name) && units.get(name)?.exit === undefined,
  };
}

async function play(spec: UnitSpec, program: FakeProgram, unit: Unit): Promise<UnitExit> {
  // Real programs take time to start: whoever attaches now sees the first line too.
  await Promise.resolve();
  await print(spec, program.lines ?? [], unit);
  await program.go;
  await print(spec, program.after ?? [], unit);
  return program.exit ?? { kind: "exited", code: 0 };
}

async function print(spec: UnitSpec, lines: readonly string[], unit: Unit): Promise<void> {
  if (lines.length === 0) return;
  await mkdir(dirname(spec.logFile), { recursive: true });
  for (const line of lines) {
    if (unit.exit !== undefined) return;
    await appendFile(spec.logFile, `${line}\n`);
    for (const listener of unit.listeners) listener(line);
  }
}

function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the contract: the signal's own reason
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
