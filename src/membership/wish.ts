import type { DnsRecord, Endpoints, Owner, Reached, Target, Wish, WishBy } from "../domain/membership/membership.ts";
import { zoneKey } from "../domain/membership/zone.ts";

/** What a run, an operator or the daemon wants of membership. */
export type WishRequest = {
  readonly want: "in" | "out";
  readonly by: WishBy;
  /** One plain sentence. */
  readonly reason: string;
  readonly bootId: string;
  /** Absent: those of the former wish, so that leaving and joining by hand need no catalogue. */
  readonly places?: Endpoints | undefined;
  /** Needed with records; absent: the former wish's. */
  readonly owner?: Owner | undefined;
  /**
   * State tags to be written once the world agrees, by key without the prefix; absent: the former wish's, with `state`
   * and `reason` of this one.
   */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Every address that the instance has; absent: not known. */
  readonly held?: readonly string[] | undefined;
  /** As {@link Wish.joining}. */
  readonly joining?: true | undefined;
};

/**
 * The wish that follows from a request. Endpoints that the former wish had and this one has not are kept as `former`,
 * to be left. A wish that says the same as the former one keeps its `since`. Pure.
 */
export function nextWish(former: Wish | undefined, request: WishRequest, now: Date): Wish {
  const places = request.places ?? former?.places ?? nowhere;
  const wish: Wish = {
    want: request.want,
    by: request.by,
    reason: request.reason,
    since: now.toISOString(),
    bootId: request.bootId,
    owner: request.owner ?? former?.owner,
    places,
    former: former === undefined ? nowhere : formerOf(former, places, request.held),
    tags: request.tags ?? { ...former?.tags, ...stateTags(request) },
    ...(request.joining === true ? { joining: true } : {}),
  };
  if (wish.owner === undefined && places.records.length > 0) {
    throw new Error("a wish for DNS records has to name their owner");
  }
  return former?.want === wish.want ? { ...wish, since: former.since } : wish;
}

function formerOf(former: Wish, places: Endpoints, held: readonly string[] | undefined): Endpoints {
  const left = { targets: leftAddresses(former.places.targets, places.targets, held), records: [] };
  const { targets, records } = without(union(union(former.places, former.former), left), places);
  const isWanted = ({ group, port, address }: Target) =>
    places.targets.some((one) => one.group === group && one.port === port && isAt(one, address));
  // An address that is back is no former one.
  return { targets: targets.filter((one) => one.balancer !== "former-address" || !isWanted(one)), records };
}

/** The places at addresses that targets move away from. An address that is gone serves nobody, and is not waited for. */
function leftAddresses(
  before: readonly Target[],
  now: readonly Target[],
  held: readonly string[] | undefined,
): readonly Target[] {
  const next = new Map(now.map((target) => [targetKey(target), target]));
  return before.flatMap((target): Target[] => {
    const moved = next.get(targetKey(target));
    if (moved === undefined || target.balancer !== undefined) return [];
    const { ipv6, registeredBy: _registeredBy, ...rest } = target;
    const addresses = [target.address, ...(ipv6 === undefined ? [] : [ipv6])].filter((each) => !isAt(moved, each));
    return addresses.map((address) => {
      const gone = held === undefined || held.includes(address) ? {} : ({ gone: true, drainMs: 0 } as const);
      return { ...rest, balancer: "former-address", member: `${target.member}@${address}`, address, ...gone };
    });
  });
}

function isAt(target: Target, address: string): boolean {
  return target.address === address || target.ipv6 === address;
}

/** The same target at these addresses; undefined: where it is. Pure. */
export function reachedBy(target: Target, reached: Reached | undefined): Target {
  if (reached === undefined) return target;
  const { ipv6: _ipv6, ...rest } = target;
  return { ...rest, ...reached };
}

/** All endpoints that the wish knows of: those that it wants and those that are to be left. */
export function allEndpoints(wish: Wish): Endpoints {
  return union(wish.places, wish.former);
}

/** Two targets with the same key are one endpoint: the member may move to another address there. */
export function targetKey(target: Target): string {
  return `${target.group}/${target.member}`;
}

/** Two records with the same key are one endpoint: its TTL may change. */
export function recordKey(record: DnsRecord): string {
  return `${zoneKey(record)} ${record.name} ${record.type} ${record.value}`;
}

export const nowhere: Endpoints = { targets: [], records: [] };

export function uniqueBy<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  const seen = new Map<string, T>();
  for (const item of items) {
    if (!seen.has(keyOf(item))) seen.set(keyOf(item), item);
  }
  return [...seen.values()];
}

function union(one: Endpoints, other: Endpoints): Endpoints {
  return {
    targets: uniqueBy([...one.targets, ...other.targets], targetKey),
    records: uniqueBy([...one.records, ...other.records], recordKey),
  };
}

function without(endpoints: Endpoints, removed: Endpoints): Endpoints {
  const targets = new Set(removed.targets.map(targetKey));
  const records = new Set(removed.records.map(recordKey));
  return {
    targets: endpoints.targets.filter((target) => !targets.has(targetKey(target))),
    records: endpoints.records.filter((record) => !records.has(recordKey(record))),
  };
}

function stateTags(request: WishRequest): Readonly<Record<string, string>> {
  return { state: request.want === "in" ? "in-service" : "out-of-service", reason: request.reason };
}
