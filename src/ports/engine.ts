import type { EngineName, StepOf } from "../domain/role/role.ts";
import type { Json } from "../domain/text/canonical.ts";
import type { StageContext } from "./stage-context.ts";

/** The result of an engine run. */
export type EngineResult = {
  /** Whether any resource was changed. */
  readonly changed: boolean;
  /** Resources by result; `total` of them in the catalogue that the engine compiled. */
  readonly counts: {
    readonly total: number;
    readonly changed: number;
    readonly failed: number;
    readonly skipped: number;
  };
  /** How many of them come from the code: engines add some of their own to every catalogue. */
  readonly managed: number;
  /** How many warnings the engine gave, and the first different ones; at most {@link namedWarnings}. */
  readonly warnings: { readonly count: number; readonly first: readonly string[] };
  /** Seconds by phase, as the engine itself reports them. */
  readonly seconds: Readonly<Record<string, number>>;
  /** As `Service[nginx]`, with the engine's message; at most 20. */
  readonly failures: readonly { readonly resource: string; readonly message: string }[];
  /** The absolute path of the engine's whole output. */
  readonly log: string;
};

/** The changes that an engine would make. */
export type EngineDrift = {
  /** How many resources differ from the code; those that the code itself marks as `noop` do not count. */
  readonly drifted: number;
  /** Those, as `Service[nginx]`; at most 20. Never their values, which may be secret. */
  readonly resources: readonly string[];
  /** How many resources the comparison changed: an engine obeys `noop => false` in the code. */
  readonly changed: number;
};

/** How many warnings a result quotes. */
export const namedWarnings = 3;

/** The inputs of one engine run. */
export type EngineRun<Name extends EngineName> = {
  readonly step: StepOf<Name>;
  /** The worktree of the pinned commit. */
  readonly directory: string;
  /** Unique within the run and stable when the run is repeated: `converge-1`. */
  readonly unit: string;
};

/** The structured fact `muster`, which every engine gets under that name. */
export type MusterFact = { readonly [key: string]: Json | undefined };

/**
 * A masterless configuration engine.
 *
 * Contract: idempotent; runs through the unit runner; a run that is killed is simply run again. What the
 * engine's own exit code hides (Puppet exits 0 on failed resources without `--detailed-exitcodes`) is
 * found out. A non-empty `failures` means failed; a run that produced no result throws.
 */
export interface Engine<Name extends EngineName> {
  readonly name: Name;
  /**
   * Checks for obstacles to a run: the program is missing, or a file that the step names is not in the worktree.
   * @throws MusterError `engine-missing`, `converge-file-missing`
   */
  check(run: EngineRun<Name>, signal: AbortSignal): Promise<void>;
  /** Makes the fact known to this engine, and to a person who runs the engine by hand. */
  publishFact(fact: MusterFact): Promise<void>;
  /**
   * @throws MusterError `converge-compile-failed` (the code does not compile: what, file, line),
   *   `converge-failed` (no result: killed, timed out)
   */
  apply(run: EngineRun<Name>, context: StageContext): Promise<EngineResult>;
  /**
   * Compares: which changes `apply` would make. It changes only what the code excludes from `noop`, publishes nothing,
   * and is never resumed: the same run may be compared any number of times.
   * @throws MusterError as `apply`
   */
  compare(run: EngineRun<Name>, context: StageContext): Promise<EngineDrift>;
}

/** How each engine is had: loaded when a role first asks for it. */
export type Engines = { readonly [Name in EngineName]: () => Promise<Engine<Name>> };
