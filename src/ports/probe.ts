import type { ErrorCode } from "../domain/errors/error-codes.ts";
import type { ErrorReport } from "../domain/errors/errors.ts";

/** What is looked at before an instance goes into service. */
export const probeNames = ["files", "disk", "address", "engine", "balancer", "zone", "hook", "tags"] as const;

export type ProbeName = (typeof probeNames)[number];

/** One thing that a probe looks at. */
export type Look = {
  /** What is looked at, as `zone example.internal`. */
  readonly subject: string;
  /**
   * Changes nothing. Resolves if nothing is wrong; ends when the signal aborts.
   * @throws MusterError what is wrong, with the code of the stage that would fail for it
   */
  readonly ask: (signal: AbortSignal) => Promise<unknown>;
};

/** The result of one look. */
export type Finding = { readonly probe: ProbeName; readonly subject: string } & (
  | { readonly kind: "ok" }
  | {
      readonly kind: "problem";
      readonly error: ErrorReport & { readonly code: ErrorCode };
      /** Whether an instance that is not in service stays out because of it. */
      readonly holds: boolean;
    }
  /** It did not answer, or not in time: nothing is known to be wrong. */
  | { readonly kind: "unknown"; readonly why: string }
);

/**
 * A probe foresees what a later stage would fail for.
 *
 * Contract: it looks and changes nothing. What it asks of a cloud is kept by the adapter, so that the later stage does
 * not ask again. An outage is `unknown`, never a problem.
 */
export type Probe<Subject> = {
  /** What it asks, for people: the rest of a sentence that begins with "looks whether". */
  readonly asks: string;
  /** The codes of its problems. */
  readonly codes: readonly ErrorCode[];
  /** What to do about a problem, for people. */
  readonly remedy: string;
  /** The looks that this role needs; none if the role does not use what the probe looks at. */
  looks(subject: Subject): readonly Look[];
  /** Whether the later failure would keep the instance out of service. */
  decides(subject: Subject, code: ErrorCode): boolean;
};
