import { ownershipName, type NameSeen, type RecordSet } from "./ownership.ts";

export type Question = { readonly name: string; readonly type: string };

/** A record of an answer; lower case, no trailing dot, data in canonical form (rdata.ts). */
export type AnsweredRecord = Question & { readonly ttl: number; readonly rdata: string };

/** What the answers hold of one name and of its ownership name. */
export function seenIn(answered: readonly AnsweredRecord[], name: string): NameSeen {
  const sets = new Map<string, RecordSet>();
  for (const record of answered) {
    if (record.name !== name) continue;
    const values = new Set(sets.get(record.type)?.values).add(record.rdata);
    sets.set(record.type, { ttl: record.ttl, values: [...values] });
  }
  const owned = answered.filter((record) => record.name === ownershipName(name) && record.type === "TXT");
  return { sets, ownership: [...new Set(owned.map(({ rdata }) => rdata))] };
}
