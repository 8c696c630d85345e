import { isTransient, MusterError } from "../domain/errors.ts";
import type { MembershipStage } from "../domain/run.ts";
import { describeStep } from "./steps.ts";
import type { Step, Wait } from "./steps.ts";

/** Keeps count of what goes wrong in a row, by stage. */
export type Troubles = {
  /**
   * Counts one more failure of a stage.
   * @returns whether it is worth another try: the failure may pass and the stage has time left
   */
  note(stage: MembershipStage, error: unknown, limitMs: number): boolean;
  /** The stage works again. */
  clear(stage: MembershipStage): void;
  /** Failures in a row of the stage that failed most often; 0 when none does. */
  attempts(): number;
  /** The failure that was noted last: a server may say in it when to come back. */
  latest(): unknown;
};

export function createTroubles(monotonicMs: () => number): Troubles {
  const rows = new Map<MembershipStage, { readonly sinceMs: number; readonly attempts: number }>();
  let latest: unknown;
  return {
    note(stage, error, limitMs) {
      // A bug is not waited out.
      if (!(error instanceof MusterError)) throw error;
      latest = error;
      const row = rows.get(stage) ?? { sinceMs: monotonicMs(), attempts: 0 };
      rows.set(stage, { ...row, attempts: row.attempts + 1 });
      return isTransient(error) && monotonicMs() - row.sinceMs < limitMs;
    },
    clear(stage) {
      rows.delete(stage);
    },
    attempts() {
      return Math.max(0, ...[...rows.values()].map(({ attempts }) => attempts));
    },
    latest: () => latest,
  };
}

/** A failed stage of membership, under the code of what failed it. */
export class MembershipError extends MusterError {
  readonly stage: MembershipStage;

  constructor(stage: MembershipStage, cause: MusterError) {
    super({ code: cause.code, message: cause.message, hint: cause.hint, transient: cause.transient, cause });
    this.name = "MembershipError";
    this.stage = stage;
  }
}

export function notHealthy({ target, reason }: Extract<Wait, { for: "healthy" }>): MusterError {
  const hint = "Look at what the balancer's own check asks for; the instance's checks passed.";
  const launched = "The launch hook is completed by now, so Auto Scaling decides by its own health checks.";
  return new MusterError({
    code: "balancer-not-healthy",
    message: `The balancer does not say healthy: ${reason}`,
    hint: target.registeredBy === undefined ? hint : `${hint} ${launched}`,
  });
}

export function noEffect(step: Step): MusterError {
  return new MusterError({
    code: "membership-no-effect",
    message: `${describeStep(step).text}: it was taken, but nothing shows for it`,
    hint: "Somebody else may be changing the same place: look at the balancer and the zone.",
    transient: true,
  });
}
