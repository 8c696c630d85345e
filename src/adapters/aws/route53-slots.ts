import type { MusterError } from "../../domain/errors/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Slots } from "../../ports/slots.ts";
import { createSlots, slotTtl } from "../host/dns/slots.ts";
import { sendEdits } from "./route53-changes.ts";
import { refusedByAws } from "./route53-errors.ts";
import { listNames } from "./route53-listing.ts";
import { writeSet, type StoredSet } from "./route53-sets.ts";
import type { Route53 } from "./services.ts";
import type { Zones } from "./route53-zones.ts";
import type { Change } from "./sdk/route53.ts";

export type Route53SlotsDeps = { readonly zones: Zones; readonly clock: Clock };

const refusedTimes = 5;

/**
 * Slots in Amazon Route 53: CREATE is refused if the name exists, DELETE if its content differs, and a batch is atomic.
 * The time is this machine's, corrected by the difference to Route 53 that the SDK measures.
 */
export function createRoute53Slots({ zones, clock }: Route53SlotsDeps): Slots {
  /** A value that stood there at every look, and the refusals in a row to replace it. */
  const refusals = new Map<string, { readonly from: string | undefined; readonly times: number }>();

  /** A race is lost a few times; what Route 53 refuses again and again, of one unchanged value, is the record itself. */
  function refuse(key: string, name: string, from: string | undefined, error: MusterError): void {
    const before = refusals.get(key);
    const times = before !== undefined && before.from === from ? before.times + 1 : 1;
    refusals.set(key, { from, times });
    if (times >= refusedTimes) throw refusedByAws(name, error);
  }

  return createSlots(
    {
      read: (slot, names, signal) =>
        zones.within(slot, signal, async (zoneId, api) => (await list(api, zoneId, names, signal)).map(valuesOf)),
      swap: (slot, name, from, to, signal) =>
        zones.within(slot, signal, async (zoneId, api) => {
          const key = `${zoneId} ${name}`;
          const changes: Change[] = [];
          if (from !== undefined) changes.push({ Action: "DELETE", ResourceRecordSet: setOf(name, from) });
          if (to !== undefined) changes.push({ Action: "CREATE", ResourceRecordSet: setOf(name, to) });
          const edits = [{ name, changes, after: [] }];
          const [refused] = await sendEdits(api, zoneId, edits, signal, () => refusals.delete(key));
          if (refused !== undefined) refuse(key, name, from, refused.error);
          return refused === undefined;
        }),
      now: (slot) => new Date(clock.now().getTime() + zones.apiOf(slot).clockOffsetMs()),
    },
    clock,
  );
}

/** The sets at each name. */
async function list(api: Route53, zoneId: string, names: readonly string[], signal: AbortSignal) {
  const listed = await listNames(api, zoneId, names, signal);
  return names.map((name) => (listed.get(name) ?? []).filter(({ set }) => set.name === name));
}

function setOf(name: string, value: string) {
  return writeSet({ name, type: "TXT", policy: "simple", ttl: slotTtl, values: [value] });
}

/** Any other set than a plain TXT set blocks the slot: it gets a second value, which no hold has. */
function valuesOf(sets: readonly StoredSet[]): readonly string[] {
  return sets.flatMap(({ set }) =>
    set.type === "TXT" && set.policy === "simple" && set.ttl === slotTtl ? set.values : [...set.values, "in the way"],
  );
}
