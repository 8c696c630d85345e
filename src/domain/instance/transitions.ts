// Every change of the instance's state: the one table. `reduceStatus` takes the next state from it, `changeState` says
// nothing where it lists nothing, and docs/lifecycle.md is drawn from it.
import { instanceStates, type InstanceState } from "./state.ts";

/** What changes the state. */
export const stateEvents = [
  /** The machine booted: no event of the bus, `deriveStatus` finds it out. */
  "booted",
  /** The boot run has to wait for cloud-init. */
  "waits-for-cloud-init",
  /** A run began that has to pass the gates; no run of an instance that serves, and no part of a run. */
  "run-began",
  /** A run ended, and every gate passed. */
  "gates-passed",
  /** A run ended, and a gate did not pass. */
  "gate-failed",
  /** A run ended to reboot the machine, and goes on in the next boot. */
  "reboot-planned",
  /** A run ended, its gates passed, and the desired state is out of service. */
  "kept-out",
  /** The planned reboot did not come. */
  "reboot-missing",
  /** A run could not even begin. */
  "run-impossible",
  /** The desired state became out of service. */
  "leave-began",
  /** Balancers and DNS have let the instance go, or the time for it is over. */
  "left",
  /** The reconciler found the instance out of service, as desired. */
  "agrees-out",
  /** The reconciler found the instance in service, as desired. */
  "agrees-in",
  /** The checks fail, and the instance may not leave now. */
  "must-stay",
  /** status.json was lost, and the desired state is in service. */
  "status-lost",
] as const;

export type StateEvent = (typeof stateEvents)[number];

export type Transition = {
  readonly from: InstanceState;
  readonly event: StateEvent;
  readonly to: InstanceState;
  readonly why: string;
  /** Comes of two things at once, of a lost file or of a repeated command. The diagram leaves it out. */
  readonly rare: boolean;
};

/** `from` is one state or several. Where several happen for one reason they share a rule. */
type Rule = readonly [from: readonly InstanceState[], event: StateEvent, to: InstanceState, why: string];

const usual: readonly Rule[] = [
  [["new"], "booted", "new", "no run was made yet"],
  [["rebooting"], "booted", "starting", "boot, the same run goes on"],
  [["starting", "in-service", "held", "leaving", "out-of-service"], "booted", "starting", "boot"],
  [["new", "starting"], "waits-for-cloud-init", "starting", "the boot run, which may wait for cloud-init"],
  [["new", "starting"], "run-began", "starting", "the boot run, which may wait for cloud-init"],
  [["held"], "run-began", "starting", "tried again, with backoff or by hand"],
  [["starting"], "gates-passed", "in-service", "every gate passed, the balancer says healthy"],
  [["in-service"], "gates-passed", "in-service", "a run of an instance that serves"],
  [["out-of-service"], "gates-passed", "in-service", "join, or what took it out is over, and the gates passed"],
  [["starting"], "gate-failed", "held", "a gate does not pass"],
  [["out-of-service"], "gate-failed", "held", "on the way back a gate does not pass"],
  [["starting"], "reboot-planned", "rebooting", "packages, kernel or engine ask for it"],
  [["out-of-service"], "reboot-planned", "rebooting", "what was patched outside asks for it"],
  [["starting"], "kept-out", "out-of-service", "warm pool, standby, detached from its group, or taken out by hand"],
  [
    ["in-service"],
    "kept-out",
    "out-of-service",
    "a run finds it in standby in its Auto Scaling group, or detached from it",
  ],
  [["out-of-service"], "kept-out", "out-of-service", "a run of an instance that stays out"],
  [["rebooting"], "reboot-missing", "held", "the planned reboot did not come"],
  [["new", "starting"], "run-impossible", "held", "a run cannot begin, as on a full disk"],
  [["out-of-service"], "run-impossible", "held", "the run that brings it back cannot begin"],
  [
    ["in-service"],
    "leave-began",
    "leaving",
    "drain, power-off, a notice of the cloud, failing checks, the patch window",
  ],
  [["leaving"], "left", "out-of-service", "drained, names expired"],
  [["leaving"], "agrees-out", "out-of-service", "a leave that was interrupted is done"],
  [["in-service"], "agrees-in", "in-service", "its membership could not be asked before, or its checks failed"],
  [["in-service"], "must-stay", "in-service", "its checks fail, and too few others serve or no slot is free"],
];

const rare: readonly Rule[] = [
  [["in-service"], "run-began", "starting", "the desired state was lost, so the gates have to pass again"],
  [["rebooting"], "run-began", "starting", "the planned reboot has not come, and a run is made"],
  [["leaving"], "gates-passed", "in-service", "a join took the leave back"],
  [["leaving"], "gate-failed", "held", "the leave goes on beside a run whose gate does not pass"],
  [["leaving"], "reboot-planned", "rebooting", "the leave goes on beside a run that reboots"],
  [["new", "held", "leaving", "rebooting"], "kept-out", "out-of-service", "a run of an instance that stays out"],
  [["held", "leaving", "rebooting"], "run-impossible", "held", "a run cannot begin"],
  [["new", "starting", "held", "rebooting"], "leave-began", "leaving", "drain or power-off before it serves"],
  [["leaving", "out-of-service"], "leave-began", "leaving", "drain or power-off once more"],
  [["starting", "held", "rebooting"], "left", "out-of-service", "a run beside the leave changed the state"],
  [["out-of-service"], "left", "out-of-service", "a second leave is done"],
  [
    ["new", "starting", "held"],
    "status-lost",
    "in-service",
    "status.json was lost, and the desired state is in service",
  ],
];

/** Every change there is. What is not listed does not happen: the state stays. */
export const transitions: readonly Transition[] = [...listed(usual, false), ...listed(rare, true)];

/** @returns where the event leads from that state; undefined where it changes nothing */
export function nextState(from: InstanceState, event: StateEvent): InstanceState | undefined {
  return transitions.find((each) => each.from === from && each.event === event)?.to;
}

function listed(rules: readonly Rule[], isRare: boolean): readonly Transition[] {
  return rules.flatMap(([states, event, to, why]) =>
    instanceStates.filter((from) => states.includes(from)).map((from) => ({ from, event, to, why, rare: isRare })),
  );
}
