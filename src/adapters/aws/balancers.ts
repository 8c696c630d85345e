import type { Target } from "../../domain/membership/membership.ts";
import type { LoadBalancer } from "../../ports/load-balancer.ts";
import { createClassicBalancer } from "./classic-balancer.ts";
import { createTargetGroupBalancer, type TargetGroupDeps } from "./target-group-balancer.ts";

/**
 * Every balancer of an account, each target through the adapter of its kind. A client is made with the first call to
 * its kind.
 */
export function createAwsBalancer(deps: TargetGroupDeps): Required<LoadBalancer> {
  const groups = createTargetGroupBalancer(deps);
  const classic = createClassicBalancer(deps);
  const of = ({ balancer }: Target) => (balancer === "classic" ? classic : groups);
  return {
    check: (target, signal) => of(target).check(target, signal),
    observe: (target, signal) => of(target).observe(target, signal),
    register: (target, signal) => of(target).register(target, signal),
    groupHealth: (target, signal) => of(target).groupHealth(target, signal),
    roster: (target, signal) => of(target).roster(target, signal),
    drain: (target, signal) => of(target).drain(target, signal),
    size: (target) => of(target).size?.(target),
    identify: (target, signal, among) => of(target).identify(target, signal, among),
    pace: (target) => of(target).pace?.(target),
    remove: (target, signal) => of(target).remove(target, signal),
  };
}
