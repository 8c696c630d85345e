/** The state of an instance, in one word. docs/lifecycle.md says what each means, transitions.ts what changes it. */
export const instanceStates = [
  /** No run was made yet. */
  "new",
  /** A run is under way, and the instance is not in service. */
  "starting",
  "in-service",
  /** A gate did not pass; the run is tried again. */
  "held",
  /** The desired state is out of service, and balancers and DNS agree. */
  "out-of-service",
  /** The desired state is out of service, and balancers or DNS do not agree yet. */
  "leaving",
  /** The machine goes down for a reboot that its run planned. */
  "rebooting",
] as const;

export type InstanceState = (typeof instanceStates)[number];
