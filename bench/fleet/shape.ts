// What the simulated fleet is made of, and the names in it.
/** What the simulated fleet is made of. */
export interface FleetShape {
  readonly size: number;
  /** Whether an Auto Scaling group registers its instances; else each registers itself. */
  readonly attached: boolean;
  /** Whether each instance publishes a name. */
  readonly named: boolean;
}

/** The largest target group (Elastic Load Balancing quotas: targets per target group). */
const mostTargets = 1_000;

export const arnOf = (group: string) =>
  `arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/${group}/0123456789abcdef`;

/** The target group of the instance with this number. */
export const groupOf = (at: number) => `web-${Math.floor(at / mostTargets)}`;

/** The tags that steer an instance. */
export const steering = { "muster:role": "web", "muster:environment": "dev" };
