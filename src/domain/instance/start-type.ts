import type { Cause } from "../run/run.ts";

/**
 * How this start of the agent came about, by the journal, the boot id, the instance id and the target state of Auto
 * Scaling, never by one marker file. docs/lifecycle.md describes what happens at each.
 */
export const startTypes = [
  "first-boot",
  "reboot",
  /** The run asked for it, and goes on. */
  "planned-reboot",
  /** The machine went down during a run, and muster had not asked for it. */
  "interrupted-reboot",
  /** The agent died during a run, the machine did not. */
  "crash-restart",
  /** The agent was restarted after its run had ended: nothing to run, membership stays. */
  "restart",
  /** Auto Scaling puts it into its warm pool: it gets ready and joins nothing. */
  "warm-pool",
  /** Auto Scaling took it out of the warm pool, by a boot or without one. */
  "wake",
  /** The image contained the state of another instance. */
  "clone",
] as const;

export type StartType = (typeof startTypes)[number];

/** The evidence for the classification. */
export type StartEvidence = {
  readonly bootId: string;
  readonly instanceId: string;
  /** Whether Auto Scaling wants the instance in its warm pool. */
  readonly warm?: boolean;
  /** From the state directory; absent on a machine that never ran muster. */
  readonly last?: {
    readonly bootId: string;
    readonly instanceId: string;
    /** Whether the last run reached an end. */
    readonly finished: boolean;
    /** Whether it planned a reboot in that boot. */
    readonly rebootPlanned: boolean;
    /** Whether it ended in the warm pool. */
    readonly parked: boolean;
  };
};

/** The start type that the evidence shows. */
export function startTypeOf(evidence: StartEvidence): StartType {
  const { last, warm = false } = evidence;
  if (last === undefined) return warm ? "warm-pool" : "first-boot";
  if (last.instanceId !== evidence.instanceId) return "clone";
  const sameBoot = last.bootId === evidence.bootId;
  if (last.finished && last.parked && !warm) return "wake";
  if (last.finished && warm && !sameBoot) return "warm-pool";
  if (last.finished) return sameBoot ? "restart" : "reboot";
  if (sameBoot) return "crash-restart";
  return last.rebootPlanned ? "planned-reboot" : "interrupted-reboot";
}

/** Cause and start type for people: the start type is shown for a boot run and for an unusual start. */
export function describeStart(cause: Cause, startType: StartType): string {
  const usual = startType === "restart" || startType === "reboot" || startType === "first-boot";
  return cause !== "boot" && usual ? cause : `${cause}, ${startType}`;
}
