import { ownedName, ownershipName } from "../host/dns/ownership.ts";
import { awsFailure } from "./failure.ts";
import { keyOf, orderOf, readSet, type StoredSet } from "./route53-sets.ts";
import type { ListResourceRecordSetsRequest, ListResourceRecordSetsResponse } from "./sdk/route53.ts";
import type { Route53 } from "./services.ts";

const operation = "route53:ListResourceRecordSets";

/** The most that one page holds (Route 53 API Reference, "ListResourceRecordSets"). */
const pageSize = 300;

/**
 * The sets at each name and at its ownership names, of which `_muster.NAME` is the last in Route 53's order. They are
 * close together, so that one page usually holds a name, and often several.
 */
export async function listNames(
  api: Route53,
  zoneId: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly StoredSet[]>> {
  const listed: StoredSet[] = [];
  /** The listing is complete up to here; undefined: to the zone's end. */
  let readTo: string | undefined = "";

  async function readFrom(name: string, to: string): Promise<void> {
    let start: Start | undefined = { StartRecordName: `${name}.` };
    do {
      const page: ListResourceRecordSetsResponse = await readPage(api, zoneId, start, signal);
      listed.push(...(page.ResourceRecordSets ?? []).map(readSet));
      start = page.IsTruncated === true ? nextOf(page) : undefined;
      const last = listed.at(-1);
      readTo = start === undefined || last === undefined ? undefined : orderOf(last.set.name);
    } while (start !== undefined && readTo !== undefined && readTo <= to);
  }

  for (const name of [...new Set(names)].toSorted((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1))) {
    const end = orderOf(ownershipName(name));
    if (readTo !== undefined && readTo <= end) await readFrom(name, end);
  }
  return new Map(names.map((name) => [name, distinct(listed.filter(({ set }) => belongsTo(name, set.name)))]));
}

/** @param from where the listing begins; absent: at the beginning of the zone */
export async function readPage(
  api: Route53,
  zoneId: string,
  from: Start | undefined,
  signal: AbortSignal,
): Promise<ListResourceRecordSetsResponse> {
  const wanted = { HostedZoneId: zoneId, MaxItems: pageSize, ...from };
  const page = await api.call((sdk) => new sdk.ListResourceRecordSetsCommand(wanted), signal);
  // Every page states its size; one without is malformed, not empty.
  if (page.MaxItems === undefined) throw awsFailure(operation, new Error("an answer without MaxItems"));
  return page;
}

/** The start of the next page. */
export type Start = Pick<
  ListResourceRecordSetsRequest,
  "StartRecordName" | "StartRecordType" | "StartRecordIdentifier"
>;

export function nextOf(page: ListResourceRecordSetsResponse): Start {
  // Without a name the listing would begin at the zone's beginning, again and again.
  if (page.NextRecordName === undefined) throw awsFailure(operation, new Error("a page without the name of the next"));
  return {
    StartRecordName: page.NextRecordName,
    StartRecordType: page.NextRecordType,
    StartRecordIdentifier: page.NextRecordIdentifier,
  };
}

function belongsTo(name: string, listed: string): boolean {
  return listed === name || ownedName(listed) === name;
}

/** Two listings may overlap. */
function distinct(sets: readonly StoredSet[]): readonly StoredSet[] {
  const byKey = new Map(sets.map((one) => [keyOf(one.set), one]));
  return [...byKey.values()];
}
