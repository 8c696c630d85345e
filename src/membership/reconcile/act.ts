import { isTransient, MusterError } from "../../domain/errors/errors.ts";
import { isOutage } from "../../domain/errors/outage.ts";
import type { Owner, Wish } from "../../domain/membership/membership.ts";
import { membershipStages, type MembershipStage } from "../../domain/run/run.ts";
import type { PendingLaunch } from "../../ports/lifecycle.ts";
import { balancerOf, dnsOf, type MembershipPorts } from "./observe.ts";
import { describeStep, type Step, type Wait } from "./steps.ts";

type Actors = MembershipPorts & { readonly wish: Wish; readonly launch?: PendingLaunch | undefined };

/** Does one step. Idempotent, because every operation of the ports is. */
export async function act(step: Step, actors: Actors, signal: AbortSignal): Promise<void> {
  switch (step.do) {
    case "launch":
      return await actors.launch?.complete(signal);
    case "register":
      return await balancerOf(actors).register(step.target, signal);
    case "drain":
      return await balancerOf(actors).drain(step.target, signal);
    case "remove":
      return await balancerOf(actors).remove(step.target, signal);
    case "update":
      return await dnsOf(actors).apply(step.change, ownerOf(actors.wish), signal);
    case "refuse":
      throw new MusterError({
        code: "dns-name-owned",
        message: `${step.record.type} ${step.record.name} is held by ${step.owner}: it was not touched`,
        hint: "Choose another name in the catalogue, or remove the record there if nobody needs it.",
      });
    case "write":
      return await actors.tags.write(step.tags, signal);
    default:
      step satisfies never;
  }
}

function ownerOf(wish: Wish): Owner {
  if (wish.owner === undefined) throw new Error("a wish with records has an owner");
  return wish.owner;
}

/** The first failed stage of membership, under the code of what failed it. */
export class MembershipError extends MusterError {
  readonly stage: MembershipStage;
  /** Whether everything else was done: the instance serves, and the stage is tried again by later passes. */
  readonly putOff: boolean;
  /** The stages after it that failed too. */
  readonly others: MembershipError[] = [];

  constructor(stage: MembershipStage, cause: MusterError, putOff: boolean) {
    const { code, message, hint, transient, quoted } = cause;
    super({ code, message, hint, transient, quoted, cause });
    this.name = "MembershipError";
    this.stage = stage;
    this.putOff = putOff;
  }
}

/** Keeps count of the failures in a row of each stage. */
export type Failures = {
  /**
   * Counts one more failure of a stage.
   * @returns whether the stage is tried again: the failure is transient and the stage has time left
   * @throws a bug, which no retry ends
   */
  note(stage: MembershipStage, error: unknown, limitMs: number): boolean;
  /** The stage works again. */
  clear(stage: MembershipStage): void;
  /** While the instance leaves, the other stages go on without this one. */
  giveUp(failure: MembershipError): void;
  isGivenUp(stage: MembershipStage): boolean;
  /** The failures of the stages that were given up, in the order of the stages. */
  givenUp(): readonly MembershipError[];
  /** Failures in a row of the stage that failed most often; 0 when none fails. */
  attempts(): number;
  /** The last failure: a server may say in it when to come back. */
  latest(): unknown;
};

export function createFailures(monotonicMs: () => number): Failures {
  const rows = new Map<
    MembershipStage,
    { readonly sinceMs: number; readonly attempts: number; readonly outage: boolean }
  >();
  const given = new Map<MembershipStage, MembershipError>();
  let latest: unknown;
  return {
    note(stage, error, limitMs) {
      if (!(error instanceof MusterError)) throw error;
      latest = error;
      const outage = isOutage(error);
      const { sinceMs, attempts, ...last } = rows.get(stage) ?? { sinceMs: monotonicMs(), attempts: 0, outage };
      // A refusal has its own time: the outage before it says nothing about it.
      const row = { sinceMs: last.outage && !outage ? monotonicMs() : sinceMs, attempts: attempts + 1, outage };
      rows.set(stage, row);
      return isTransient(error) && monotonicMs() - row.sinceMs < limitMs;
    },
    clear(stage) {
      rows.delete(stage);
    },
    giveUp(failure) {
      given.set(failure.stage, failure);
      rows.delete(failure.stage);
    },
    isGivenUp: (stage) => given.has(stage),
    givenUp: () => membershipStages.flatMap((stage) => given.get(stage) ?? []),
    attempts() {
      return Math.max(0, ...[...rows.values()].map(({ attempts }) => attempts));
    },
    latest: () => latest,
  };
}

export function notHealthy({ target, reason }: Extract<Wait, { for: "healthy" }>): MusterError {
  const hint = "Look at what the balancer's own check asks for; the instance's checks passed.";
  const launched = "The launch hook is completed by now, so Auto Scaling decides by its own health checks.";
  return new MusterError({
    code: "balancer-not-healthy",
    message: `The balancer does not say healthy: ${reason}`,
    quoted: reason,
    hint: target.registeredBy === undefined ? hint : `${hint} ${launched}`,
  });
}

export function noEffect(step: Step): MusterError {
  return new MusterError({
    code: "membership-no-effect",
    message: `${describeStep(step).text}: it was taken, but nothing shows for it`,
    hint: "Another tool may be changing the same target or record: look at the balancer and the zone.",
    transient: true,
  });
}
