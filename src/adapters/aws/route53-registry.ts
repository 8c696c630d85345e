import { backOff } from "../../lib/async/backoff.ts";
import type { Owner } from "../../domain/membership/membership.ts";
import { zoneText } from "../../domain/membership/zone.ts";
import type { Clock } from "../../ports/clock.ts";
import type { OwnedName, Registry } from "../../ports/registry.ts";
import { claimsOf, isMine, ownedName } from "../host/dns/ownership.ts";
import { sendEdits } from "./route53-changes.ts";
import { draftOf, type Edit } from "./route53-draft.ts";
import { contended } from "./route53-errors.ts";
import { listNames, nextOf, readPage, type Start } from "./route53-listing.ts";
import { readSet, viewOf, type StoredSet } from "./route53-sets.ts";
import type { Zones } from "./route53-zones.ts";

export type Route53RegistryDeps = {
  readonly zones: Zones;
  readonly clock: Pick<Clock, "sleep" | "random">;
};

const attempts = 5;
const betweenAttempts = { firstMs: 100, maxMs: 2_000 };

/** The owners in the zones of Amazon Route 53, by the claims beside the names (adapters/host/dns/ownership.ts). */
export function createRoute53Registry({ zones, clock }: Route53RegistryDeps): Registry {
  return {
    page: (zone, from, signal) =>
      zones.within(zone, signal, async (zoneId, api) => {
        const page = await readPage(api, zoneId, startOf(from), signal);
        const owned = distinct((page.ResourceRecordSets ?? []).map(readSet).flatMap(ownersIn));
        return page.IsTruncated === true ? { owned, next: JSON.stringify(nextOf(page)) } : { owned };
      }),

    disown: (zone, owner, names, signal) =>
      zones.within(zone, signal, async (zoneId, api) => {
        let pending: readonly string[] = names;
        for (let attempt = 1; pending.length > 0; attempt += 1) {
          if (attempt > attempts) throw contended(zoneText(zone), attempts);
          const sets = await listNames(api, zoneId, pending, signal);
          const edits = pending.flatMap((name) => disowning(name, owner, sets.get(name) ?? []) ?? []);
          // A refused batch means that a set has changed meanwhile: read it again.
          const refused = await sendEdits(api, zoneId, edits, signal, () => undefined);
          const more = edits.filter((edit) => edit.more === true).map(({ name }) => name);
          pending = [...new Set([...refused.map(({ edit }) => edit.name), ...more])];
          if (refused.length > 0) await backOff(betweenAttempts, attempt, clock, signal);
        }
      }),
  };
}

/** A name without the claims of one owner; undefined if nothing is left. Pure. */
export function disowning(name: string, owner: Owner, before: readonly StoredSet[]): Edit | undefined {
  const draft = draftOf(name, before);
  for (const identifier of [undefined, owner.instance]) {
    const claims = claimsOf(viewOf(name, draft.now(), identifier)).filter((claim) => isMine(claim, owner));
    for (const claim of claims) draft.remove(claim, identifier);
  }
  return draft.edit();
}

/** The owners of the claims in an ownership TXT; in a set with an identifier only that instance's claims count. */
function ownersIn({ set }: StoredSet): readonly OwnedName[] {
  const name = set.type === "TXT" ? ownedName(set.name) : undefined;
  if (name === undefined) return [];
  return claimsOf({ sets: new Map(), ownership: set.values })
    .filter(({ instance }) => set.identifier === undefined || set.identifier === instance)
    .map(({ account, region, instance }) => ({ name, owner: { account, region, instance } }));
}

function distinct(owned: readonly OwnedName[]): readonly OwnedName[] {
  return [...new Map(owned.map((one) => [JSON.stringify(one), one])).values()];
}

/** The position of an earlier page; any other text begins anew. */
function startOf(from: string | undefined): Start | undefined {
  try {
    const start: unknown = from === undefined ? undefined : JSON.parse(from);
    return isStart(start) ? start : undefined;
  } catch {
    return undefined;
  }
}

function isStart(value: unknown): value is Start {
  return typeof value === "object" && value !== null && "StartRecordName" in value;
}
