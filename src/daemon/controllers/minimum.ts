import type { Minimum } from "../../domain/role/role.ts";
import type { DaemonDeps } from "../deps.ts";

/**
 * Why too few healthy members of a balancer group would remain without this instance; undefined if enough remain.
 * @param usual the minimum if the catalogue sets none; undefined: no minimum
 * @throws MusterError as LoadBalancer.groupHealth
 */
export async function tooFewWithout(
  { membership, balancer }: Pick<DaemonDeps, "membership" | "balancer">,
  usual: Minimum | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { wish } = membership.status();
  if (balancer === undefined || wish === undefined) return undefined;
  for (const target of wish.places.targets) {
    const minimum = target.minimumHealthy ?? usual;
    if (minimum === undefined) continue;
    const { total, healthyOthers } = await balancer.groupHealth(target, signal);
    const needed = neededOf(minimum, total);
    if (healthyOthers < needed) {
      return `${target.group} would be left with ${membersOf(healthyOthers)} of ${total}, and ${needed} ${needed === 1 ? "has" : "have"} to stay`;
    }
  }
  return undefined;
}

function neededOf(minimum: Minimum, total: number): number {
  return "count" in minimum ? minimum.count : Math.ceil((total * minimum.percent) / 100);
}

function membersOf(count: number): string {
  return count === 1 ? "1 healthy member" : `${count} healthy members`;
}
