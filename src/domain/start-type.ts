import type { Cause } from "./run.ts";

/**
 * How this start of the agent came about. Told from the journal, the boot id, the instance id and where Auto Scaling
 * wants the instance, never from one marker file. docs/lifecycle.md says what happens at each.
 */
export const startTypes = [
  "first-boot",
  "reboot",
  /** The run asked for it, and goes on. */
  "planned-reboot",
  /** The machine went down in mid-run without muster asking for it. */
  "interrupted-reboot",
  /** The agent died in mid-run, the machine did not. */
  "crash-restart",
  /** The agent was restarted after its run had ended: nothing to run, membership stays. */
  "restart",
  /** Auto Scaling prepares it for its warm pool: it is made ready and joins nothing. */
  "warm-pool",
  /** Auto Scaling took it out of the warm pool, by a boot or without one. */
  "wake",
  /** State of another instance was baked into the image. */
  "clone",
] as const;

export type StartType = (typeof startTypes)[number];

/** What the classification looks at. */
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

/** Cause and start type as people read them: how the agent started matters to the boot run and when it was unusual. */
export function describeStart(cause: Cause, startType: StartType): string {
  const usual = startType === "restart" || startType === "reboot" || startType === "first-boot";
  return cause !== "boot" && usual ? cause : `${cause}, ${startType}`;
}
