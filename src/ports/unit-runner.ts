/**
 * An external command that has to outlive the agent: it runs as a transient systemd unit, in `/`, like a root shell. A
 * directory of muster would be closed to commands that an engine runs as another user.
 */
export type UnitSpec = {
  /** `muster-RUN-STEP`, without `.service`; the same work in the same run has the same name. */
  readonly name: string;
  readonly description: string;
  /** Program and verb, as `apt-get upgrade`: its name in records of runs. Absent: the unit's name. */
  readonly label?: string;
  readonly argv: readonly [string, ...string[]];
  /** Added to a fixed minimal environment. Never a secret. */
  readonly env: Readonly<Record<string, string>>;
  /** The whole output is appended here; absolute. */
  readonly logFile: string;
  /** After this the unit is stopped: SIGTERM to all its processes, SIGKILL after a grace. Milliseconds. */
  readonly timeoutMs: number;
  /** Also starts while the machine goes down, and is not stopped by that. */
  readonly duringShutdown?: boolean;
};

/** How a unit ended. */
export type UnitExit =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "killed"; readonly signal: string }
  /** Stopped because it took longer than its time-out. */
  | { readonly kind: "timed-out" }
  /**
   * It could not be started, or ended in a way that left no exit state (out of memory, systemd's own words in `why`).
   * `notExecuted`: the program, or the interpreter that it names, is not there or cannot be executed.
   */
  | { readonly kind: "lost"; readonly why: string; readonly notExecuted?: true };

/**
 * Runs commands as transient units.
 *
 * Contract: `run` starts the unit, unless a unit of this name is running (then it attaches to it) or has ended in this
 * boot (then its exit is returned at once): a killed caller that calls again never starts the command a second time.
 * `forget` makes a name usable again. Lines that were printed before the attachment are not repeated. When `signal`
 * aborts with the reason {@link detached}, the unit runs on; with any other reason it is stopped, and `run` rejects
 * with that reason.
 *
 * A unit is over when its command exits. Background processes of the command live on, as they do after the same command
 * in a shell. A time-out, a cancel or a signal that kills the command ends all processes of the unit.
 */
export interface UnitRunner {
  run(spec: UnitSpec, signal: AbortSignal, onLine: (line: string) => void): Promise<UnitExit>;
  /** Like `run`, but never starts a unit. @returns undefined if no unit of this name ran in this boot */
  attach(
    unit: Pick<UnitSpec, "name" | "label" | "logFile">,
    signal: AbortSignal,
    onLine: (line: string) => void,
  ): Promise<UnitExit | undefined>;
  /** Waits for the end of a unit that runs. No-op if there is none. */
  forget(name: string): Promise<void>;
}

/** The abort reason that means: the agent goes, the work stays. */
export const detached: unique symbol = Symbol("detached");
