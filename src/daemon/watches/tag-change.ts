import { reportOf } from "../../domain/errors/errors.ts";
import type { Identity, Tags } from "../../domain/instance/instance.ts";
import type { DnsRecord } from "../../domain/membership/membership.ts";
import type { Role } from "../../domain/role/role.ts";
import { steerable } from "../../domain/settings/settings.ts";
import type { Selection, Trusted } from "../../domain/settings/settings.ts";
import { tagUsesOf, trustedKey } from "../../domain/instance/tag-trust.ts";
import { endpointsOf } from "../../membership/endpoints.ts";
import { targetKey } from "../../membership/wish.ts";
import type { Duty } from "../../run/state/duty.ts";

/** Applies the settings to the tags of an identity. @throws MusterError as `select` */
export type Choose = (identity: Identity) => Selection;

/** The consequence of changed tags. */
export type TagChange =
  | { readonly kind: "none" }
  /** Only records change: no run is needed. */
  | {
      readonly kind: "names";
      readonly duty: Duty;
      readonly records: readonly DnsRecord[];
      readonly selection: Selection;
    }
  /** Another role, environment, ref or balancer, or tags that cannot be applied: a run does it, or reports why not. */
  | { readonly kind: "run" }
  /** Names that cannot be made; the present ones stay. */
  | { readonly kind: "impossible"; readonly error: ReturnType<typeof reportOf> };

/**
 * The keys whose values matter to an instance of this role: those that steer a run, and those that its endpoints are made of.
 * What the settings trust no more is left as it was: the next run says so.
 */
export function keysOf(role: Role, prefix: string, trust: readonly Trusted[]): ReadonlySet<string> {
  const named = tagUsesOf({ register: role.register, dns: role.dns }).map(({ key }) => key);
  const used = named.filter((key) => trust.includes(trustedKey(key)));
  return new Set([...steerable.filter((name) => name !== "pause").map((name) => `${prefix}${name}`), ...used]);
}

/**
 * Decides what follows from the present values of `keys`. Pure.
 * @param duty the duty of this instance, with the tags that it was made from
 */
export function tagChange(duty: Duty, keys: ReadonlySet<string>, seen: Tags, choose: Choose): TagChange {
  const { tags } = duty.identity;
  if ([...keys].every((key) => tags[key] === seen[key])) return { kind: "none" };
  const others = Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.has(key)));
  const identity = { ...duty.identity, tags: { ...others, ...seen } };
  const [before, after] = [attempt(() => choose(duty.identity)), attempt(() => choose(identity))];
  if (before === undefined || after === undefined || isOther(before, after)) return { kind: "run" };
  try {
    const facts = { role: duty.role.name, environment: duty.environment };
    const [former, endpoints] = [
      attempt(() => endpointsOf(duty.role, { ...facts, identity: duty.identity })),
      endpointsOf(duty.role, { ...facts, identity }, after),
    ];
    const groups = (targets = endpoints.targets) => targets.map(targetKey).join();
    if (groups(former?.targets) !== groups()) return { kind: "run" };
    return { kind: "names", duty: { ...duty, identity }, records: endpoints.records, selection: after };
  } catch (error) {
    return { kind: "impossible", error: reportOf(error) };
  }
}

function isOther(before: Selection, after: Selection): boolean {
  return (["role", "environment", "ref"] as const).some((name) => before[name].value !== after[name].value);
}

/** Undefined if it throws. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
