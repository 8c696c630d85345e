import { backOff } from "../../lib/async/backoff.ts";
import type { LogNoticeCode } from "../../domain/errors/error-codes.ts";
import type { MusterError } from "../../domain/errors/errors.ts";
import type { DnsRecord, Owner, RecordState } from "../../domain/membership/membership.ts";
import { zoneKey, zoneNameOf, zoneText, type ZoneName } from "../../domain/membership/zone.ts";
import { createOnceGate } from "../../lib/async/report.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Dns, DnsChange } from "../../ports/dns.ts";
import type { AwsDeps } from "./call.ts";
import { sendEdits } from "./route53-changes.ts";
import type { Edit } from "./route53-draft.ts";
import { editOf, stateOf, type Refusal } from "./route53-edits.ts";
import { crowdAt } from "./route53-limits.ts";
import { createSpread } from "./route53-spread.ts";
import { contended, foreign, full, mixed, refusedByAws } from "./route53-errors.ts";
import { listNames } from "./route53-listing.ts";
import type { StoredSet } from "./route53-sets.ts";
import { isSameZone, type Zones } from "./route53-zones.ts";
import type { Route53 } from "./services.ts";

export type Route53Deps = AwsDeps & {
  readonly zones: Zones;
  readonly clock: Pick<Clock, "sleep" | "random">;
  /** How the zones' DNS servers are asked; absent: they are not. */
  readonly verify?: Dns["verify"];
  /** Reports a notice that does not stop the work. */
  readonly onWarning: (code: LogNoticeCode, text: string) => void;
};

/** How often an edit is planned anew after another instance was faster. Many instances may share one name. */
const attempts = 10;
const betweenAttempts = { firstMs: 100, maxMs: 2_000 };

/**
 * How long a listing is good enough to plan with, in milliseconds: a boot reads, writes, and reads again, with one
 * listing. Planning with outdated sets does no harm, because Route 53 refuses the edit.
 */
const freshMs = 10_000;

/** The same of a name that has no sets, in milliseconds: the next try of a throttled edit costs no second listing. */
const emptyFreshMs = 120_000;

/** A zone, and Route 53 as it is reached. */
type Zone = { readonly zoneId: string; readonly api: Route53 };

type Names = ReadonlyMap<string, readonly StoredSet[]>;

/**
 * Names in Amazon Route 53. adapters/host/dns/ownership.ts has the rules of ownership, and route53-edits.ts puts them
 * into record sets. Each zone gets one batch; every set in it is created (refused if it exists) or deleted by its exact
 * values (refused if they changed), so that no race overwrites foreign values.
 */
export function createRoute53(deps: Route53Deps): Dns {
  const { within } = deps.zones;
  const seen = new Map<string, { readonly sets: readonly StoredSet[]; readonly atMs: number }>();
  const warned = createOnceGate<string>();
  const spread = createSpread(deps);

  async function observe({ zoneId, api }: Zone, names: readonly string[], signal: AbortSignal): Promise<Names> {
    const now = deps.monotonicMs();
    const stale = names.filter((name) => {
      const { sets, atMs } = seen.get(`${zoneId} ${name}`) ?? { sets: [], atMs: -Infinity };
      return atMs + (sets.length === 0 ? emptyFreshMs : freshMs) < now;
    });
    if (stale.length > 0) {
      const listed = await listNames(api, zoneId, stale, signal);
      for (const [name, sets] of listed) remember(zoneId, name, sets);
    }
    return new Map(names.map((name) => [name, seen.get(`${zoneId} ${name}`)?.sets ?? []]));
  }

  function remember(zoneId: string, name: string, sets: readonly StoredSet[]): void {
    seen.set(`${zoneId} ${name}`, { sets, atMs: deps.monotonicMs() });
    const crowd = crowdAt(sets.map(({ set }) => set));
    if (crowd === undefined || !warned.isNew(name)) return;
    deps.onWarning("dns-name-crowded", `${name} has ${crowd}: spread the instances over several names`);
  }

  async function applyTo(zone: Zone, change: DnsChange, owner: Owner, signal: AbortSignal): Promise<void> {
    const { zoneId, api } = zone;
    let pending = [...new Set([...change.publish, ...change.withdraw].map(({ name }) => name))];
    const failures: MusterError[] = [];
    const minded = new Map<string, { readonly edit: string; readonly error: MusterError }>();
    for (let attempt = 1; pending.length > 0; attempt += 1) {
      if (attempt > attempts) throw contended(zoneText(change), attempts);
      const known = new Set(pending.filter((name) => seen.has(`${zoneId} ${name}`)));
      const names = await observe(zone, pending, signal);
      const again: string[] = [];
      const edits: Edit[] = [];
      for (const name of pending) {
        const { edit, refusals } = editOf(name, changeAt(name, change), owner, names.get(name) ?? []);
        const before = minded.get(name);
        const [refusal] = refusals;
        if (refusal !== undefined && known.has(name)) again.push(name);
        else if (refusal !== undefined) failures.push(errorOf(refusal));
        // The same edit after another listing: Route 53 refuses the record itself, not a race.
        else if (edit !== undefined && before?.edit === JSON.stringify(edit.changes))
          failures.push(refusedByAws(name, before.error));
        else if (edit !== undefined) edits.push(edit);
      }
      const withdrawn = new Set(change.withdraw.map(({ name }) => name));
      const refused = await sendEdits(api, zoneId, edits, signal, ({ name, after }, id) => {
        remember(zoneId, name, after);
        if (withdrawn.has(name)) spread.begin(id, zone, [name]);
      });
      for (const { edit, error } of refused) minded.set(edit.name, { edit: JSON.stringify(edit.changes), error });
      const late = [...again, ...refused.map(({ edit }) => edit.name)];
      for (const name of late) seen.delete(`${zoneId} ${name}`);
      const more = edits.filter((edit) => edit.more === true).map(({ name }) => name);
      pending = [...new Set([...late, ...more])];
      if (refused.length > 0) await backOff(betweenAttempts, attempt, deps.clock, signal);
    }
    const [failure] = failures;
    if (failure !== undefined) throw failure;
  }

  return {
    ...(deps.verify === undefined ? {} : { verify: deps.verify }),
    async observe(records, owner, signal) {
      const states = new Map<DnsRecord, RecordState>();
      for (const [zone, inZone] of byZone(records)) {
        await within(zone, signal, async (zoneId, api) => {
          const names = await observe({ zoneId, api }, [...new Set(inZone.map(({ name }) => name))], signal);
          for (const record of inZone) {
            const sets = (names.get(record.name) ?? []).map(({ set }) => set);
            states.set(record, stateOf(record, owner, sets));
          }
          const absent = inZone.filter((record) => states.get(record)?.kind === "absent");
          const spreading = await spread.ofNames(zoneId, [...new Set(absent.map(({ name }) => name))], signal);
          for (const record of absent) if (spreading.has(record.name)) states.set(record, { kind: "withdrawing" });
        });
      }
      return records.map((record) => states.get(record) ?? { kind: "absent" });
    },

    check: (zone, signal) => within(zone, signal, async () => undefined),

    async apply(change, owner, signal) {
      for (const [zone] of byZone([...change.publish, ...change.withdraw])) {
        const [publish, withdraw] = [change.publish, change.withdraw].map((records) =>
          records.filter((record) => zoneKey(record) === zoneKey(zone)),
        );
        const part = { ...zoneNameOf(zone), publish: publish ?? [], withdraw: withdraw ?? [] };
        await within(zone, signal, async (zoneId, api) => await applyTo({ zoneId, api }, part, owner, signal));
      }
    },

    isSameZone: (one, other, signal) => isSameZone(deps.zones, one, other, signal),
  };
}

function byZone(records: readonly DnsRecord[]): readonly (readonly [ZoneName, readonly DnsRecord[]])[] {
  return [...Map.groupBy(records, zoneKey).values()].flatMap((group) =>
    group[0] === undefined ? [] : [[group[0], group]],
  );
}

function changeAt(name: string, { publish, withdraw }: DnsChange): Pick<DnsChange, "publish" | "withdraw"> {
  const here = (records: readonly DnsRecord[]) => records.filter((record) => record.name === name);
  return { publish: here(publish), withdraw: here(withdraw) };
}

function errorOf(refusal: Refusal): MusterError {
  switch (refusal.why) {
    case "foreign":
      return foreign(refusal.record, refusal.holder);
    case "mixed":
      return mixed(refusal.record, refusal.policies);
    case "full":
      return full(refusal.record, refusal.most);
  }
}
