// What Route 53 takes as one batch, and the words in which it refuses one. README.md has the sources.
import { isIPv4, isIPv6 } from "node:net";

/** A record set as clients read it: the name absolute with a trailing dot, values as they were sent. */
export interface RecordSet {
  readonly name: string;
  readonly type: string;
  readonly identifier?: string | undefined;
  readonly weight?: number | undefined;
  readonly multivalue?: boolean | undefined;
  readonly healthCheck?: string | undefined;
  /** The name that an alias points at; it has no values, and no TTL of its own. */
  readonly alias?: string | undefined;
  readonly ttl: number;
  readonly values: readonly string[];
}

export interface Change {
  readonly action: "CREATE" | "DELETE" | "UPSERT";
  readonly set: RecordSet;
}

// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html: "Maximums on API requests" and "Quotas
// on records". Every change of a batch counts, a DELETE like a CREATE.
const mostRecords = 1_000;
const mostCharacters = 32_000;
const mostValuesOfSet = 400;
const mostSetsOfName = 100;
/** Of one value (https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecord.html). */
const mostCharactersOfValue = 4_000;

/**
 * The zone's sets after the batch, or what is wrong with it: each change is checked against the zone as the
 * changes before it leave it.
 */
export function applyBatch(
  zone: string,
  sets: readonly RecordSet[],
  changes: readonly Change[],
): { readonly sets: readonly RecordSet[]; readonly messages: readonly string[] } {
  const tooMuch = overLimits(changes);
  if (tooMuch.length > 0) return { sets, messages: tooMuch };
  const messages: string[] = [...contradictions(changes)];
  let after = sets;
  for (const change of changes) {
    const wrong = complaintsAbout(zone, after, change);
    messages.push(...wrong);
    const others = after.filter((set) => keyOf(set) !== keyOf(change.set));
    if (wrong.length === 0) after = change.action === "DELETE" ? others : [...others, change.set];
  }
  return messages.length === 0 ? { sets: after, messages } : { sets, messages };
}

export function keyOf({ name, type, identifier }: Pick<RecordSet, "name" | "type" | "identifier">): string {
  return JSON.stringify([name, type, identifier]);
}

/** An UPSERT counts twice. */
function overLimits(changes: readonly Change[]): readonly string[] {
  const count = (of: (set: RecordSet) => number) =>
    changes.reduce((sum, { action, set }) => sum + of(set) * (action === "UPSERT" ? 2 : 1), 0);
  if (count(({ values }) => values.length) > mostRecords)
    return [`Number of records limit of ${mostRecords} exceeded.`];
  if (count(({ values }) => values.join("").length) > mostCharacters)
    return [`RDATA character limit of ${mostCharacters} exceeded.`];
  return [];
}

/** The same set written twice. */
function contradictions(changes: readonly Change[]): readonly string[] {
  const written = changes.filter(({ action }) => action !== "DELETE").map(({ set }) => set);
  return written
    .filter((set, at) => written.findIndex((other) => keyOf(other) === keyOf(set)) < at)
    .map(
      ({ name, type }) => `The request contains an invalid set of changes for a resource record set '${type} ${name}'`,
    );
}

function complaintsAbout(zone: string, sets: readonly RecordSet[], { action, set }: Change): readonly string[] {
  const { name, type, identifier } = set;
  const called = `[name='${name}', type='${type}'${identifier === undefined ? "" : `, set-identifier='${identifier}'`}]`;
  const there = sets.find((other) => keyOf(other) === keyOf(set));
  if (action === "DELETE") {
    if (there === undefined) return [`Tried to delete resource record set ${called} but it was not found`];
    if (sameValues(there, set)) return [];
    return [`Tried to delete resource record set ${called} but the values provided do not match the current values`];
  }
  if (name !== zone && !name.endsWith(`.${zone}`))
    return [`RRSet with DNS name ${name} is not permitted in zone ${zone}`];
  const wrongValues = complaintsAboutValues(set);
  if (wrongValues.length > 0) return wrongValues;
  if (action === "CREATE" && there !== undefined)
    return [`Tried to create resource record set ${called} but it already exists`];
  return complaintsAboutNeighbours(
    zone,
    sets.filter((other) => other !== there && other.name === name),
    set,
  );
}

function complaintsAboutNeighbours(zone: string, others: readonly RecordSet[], set: RecordSet): readonly string[] {
  const { name, type, identifier } = set;
  const ofType = others.filter((other) => other.type === type);
  if (type === "CNAME" && name === zone)
    return [`RRSet of type CNAME with DNS name ${name} is not permitted at apex in zone ${zone}`];
  if (type === "CNAME" && others.some((other) => other.type !== "CNAME"))
    return [
      `RRSet of type CNAME with DNS name ${name} is not permitted as it conflicts with other records with the same DNS name in zone ${zone}`,
    ];
  if (type !== "CNAME" && others.some((other) => other.type === "CNAME"))
    return [
      `RRSet of type ${type} with DNS name ${name} is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone ${zone}`,
    ];
  if (identifier !== undefined && ofType.length >= mostSetsOfName) {
    const kind = set.weight === undefined ? "multivalue answer" : "weighted";
    return [`Exceeded limit on number of ${kind} RRSets for ${name}, type ${type} in this zone.`];
  }
  if (identifier === undefined)
    return ofType.length === 0
      ? []
      : [
          `RRSet with DNS name ${name}, type ${type} cannot be created as other RRSets exist with the same name and type.`,
        ];
  const called = `RRSet with DNS name ${name}, type ${type}, SetIdentifier ${identifier}`;
  if (set.weight !== undefined) {
    if (ofType.some(({ weight }) => weight === undefined))
      return [`${called} cannot be created as a non-weighted set exists with the same name and type.`];
    return ofType.some(({ ttl }) => ttl !== set.ttl)
      ? [`${called} cannot be created as weighted sets must contain the same TTL.`]
      : [];
  }
  return ofType.some(({ multivalue }) => multivalue !== true)
    ? [`${called} cannot be created because a non multivalue answer rrset exists with the same name and type.`]
    : [];
}

function complaintsAboutValues({ type, values }: RecordSet): readonly string[] {
  const twice = values.find((value, at) => values.indexOf(value) < at);
  if (twice !== undefined) return [`Duplicate Resource Record: '${twice}'`];
  if (values.length > mostValuesOfSet) return [`Cannot have more than ${mostValuesOfSet} records in a RRSet.`];
  return values.flatMap((value) => {
    const problem = problemWith(type, value);
    return problem === undefined
      ? []
      : [`Invalid Resource Record: 'FATAL problem: ${problem} encountered with '${value}''`];
  });
}

function problemWith(type: string, value: string): string | undefined {
  if (value.length > mostCharactersOfValue) return "RDATATooLong (Value is too long)";
  switch (type) {
    case "A":
      if (value.includes(" ")) return "ARRDATANotSingleField (Value contains spaces)";
      return isIPv4(value) ? undefined : "ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)";
    case "AAAA":
      return isIPv6(value) ? undefined : "AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)";
    case "TXT": {
      const strings = [...value.matchAll(/"((?:[^"\\]|\\[0-3][0-7]{2}|\\.)*)"/gs)].map(([, text = ""]) => text);
      if (strings.length === 0 || strings.map((text) => `"${text}"`).join(" ") !== value)
        return "InvalidCharacterString (Value should be enclosed in quotation marks)";
      const long = strings.some((text) => text.replaceAll(/\\([0-3][0-7]{2}|.)/gs, "x").length > 255);
      return long ? "CharacterStringTooLong (Value is too long)" : undefined;
    }
    case "CNAME":
      return /^[^\s.]{1,63}(\.[^\s.]{1,63})*\.?$/.test(value)
        ? undefined
        : "DomainLabelTooLong (Domain label is too long)";
    default:
      return undefined;
  }
}

/** In any order. */
function sameValues(one: RecordSet, other: RecordSet): boolean {
  if (one.ttl !== other.ttl || one.weight !== other.weight) return false;
  if (one.healthCheck !== other.healthCheck || one.alias !== other.alias) return false;
  if ((one.multivalue ?? false) !== (other.multivalue ?? false)) return false;
  return JSON.stringify(one.values.toSorted()) === JSON.stringify(other.values.toSorted());
}
