import type { Target } from "../domain/membership/membership.ts";
import type { ZoneName } from "../domain/membership/zone.ts";
import type { MembershipDeps } from "./reconcile/context.ts";
import { balancerOf, dnsOf } from "./reconcile/observe.ts";

/**
 * Looks for what a pass would fail for. They change nothing; a cloud keeps what it looked up, so that a pass does not
 * ask again.
 */
export type Looks = {
  /** @throws MusterError as `LoadBalancer.check`; `balancer-missing` */
  readonly group: (target: Target, signal: AbortSignal) => Promise<void>;
  /** @throws MusterError as `Dns.check`; `dns-missing` */
  readonly zone: (zone: ZoneName, signal: AbortSignal) => Promise<void>;
  /** Of the state tags. @throws MusterError as `TagWriter.check` */
  readonly tags: (signal: AbortSignal) => Promise<void>;
};

/** The tags of every wish, by key without the prefix. */
const wishTags = ["state", "reason", "commit", "run"];

export function createLooks(deps: MembershipDeps): Looks {
  return {
    group: async (target, signal) => await balancerOf(deps).check(target, signal),
    zone: async (zone, signal) => await dnsOf(deps).check(zone, signal),
    tags: async (signal) =>
      await deps.tags.check?.(
        wishTags.map((key) => `${deps.tagPrefix}${key}`),
        signal,
      ),
  };
}
