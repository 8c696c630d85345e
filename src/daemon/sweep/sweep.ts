import type { Owner, Target, Wish } from "../../domain/membership/membership.ts";
import { isInstanceId, judgeDead, mayAskAbout } from "../../domain/membership/sweep.ts";
import { zoneKey, zoneNameOf, type ZoneName } from "../../domain/membership/zone.ts";
import { MusterError } from "../../domain/errors/errors.ts";
import { uniqueBy } from "../../membership/wish.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Fleet, InstanceLife } from "../../ports/fleet.ts";
import type { LoadBalancer } from "../../ports/load-balancer.ts";
import type { OwnedName, Registry, RegistryPage } from "../../ports/registry.ts";
import type { Slots } from "../../ports/slots.ts";
import type { StateFiles } from "../../ports/state-files.ts";
import { readNotes, writeNotes, type SweepNotes } from "./sweep-file.ts";

export type SweepDeps = {
  readonly fleet: Fleet;
  readonly registry: Registry;
  readonly balancer?: LoadBalancer | undefined;
  /** In the zones; absent: each instance sweeps. */
  readonly slots?: Slots | undefined;
  readonly files: StateFiles;
  readonly clock: Pick<Clock, "now" | "uptimeMs">;
  readonly bootId: string;
};

/** The places of a dead instance that were removed. */
export type Swept = { readonly instance: string; readonly endpoints: readonly string[] };

/** How many dead instances one sweep removes: it bounds the cost of a mistake. The next sweep goes on. */
const mostAtOnce = 10;

/**
 * How long a sweeper has the slot of a zone, in milliseconds. It takes it again with each sweep, about every 45 minutes;
 * where it is gone, another instance takes its place after this.
 */
const holdMs = 90 * 60_000;

/** How many pages of a zone one sweep reads; the next one goes on from there. */
const mostPages = 10;

/**
 * Removes what dead instances left behind: their records in the zones of the wish, some pages of each zone a sweep, and
 * their targets in its groups. One instance at a time sweeps a zone: the owner of its slot. Only records of this account
 * and region count, and only of instances that EC2 calls terminated or was asked about twice without knowing them
 * (domain/sweep.ts). Targets do not name their owner, so only those of terminated instances count. One batch for each
 * owner, by exact values; two sweeps at once do no harm.
 * @returns what was swept, and the failures that left something behind
 * @throws MusterError if the fleet cannot be observed
 */
export async function sweep(wish: Wish, self: Owner, deps: SweepDeps, signal: AbortSignal): Promise<SweepResult> {
  const failures: unknown[] = [];
  const unguarded: unknown[] = [];
  const before = await readNotes(deps.files);
  const own = await inEach(zonesOf(wish), failures, signal, async (zone) =>
    (await isSweeper(zone, self, deps, unguarded, signal)) ? [zone] : [],
  );
  const zones = await inEach(own.flat(), failures, signal, async (zone) => ({
    zone,
    page: await pagesOf(zone, before.from[zoneKey(zone)], deps, signal),
  }));
  const rosters = await inEach(groupsOf(wish), failures, signal, async (target) => {
    return (await deps.balancer?.roster?.(target, signal)) ?? [];
  });
  const names = zones
    .flatMap(({ zone, page }) => page.owned.map((one) => ({ zone, ...one })))
    .filter(({ owner }) => mayAskAbout(owner, self));
  const targets = rosters.flat().filter(({ instance }) => instance !== self.instance && isInstanceId(instance));
  const asked = [...new Set([...names.map(({ owner }) => owner.instance), ...targets.map(({ instance }) => instance)])];
  const lives = asked.length === 0 ? nobody : await deps.fleet.observe(asked, signal);
  const moment = { now: deps.clock.now(), bootId: deps.bootId, upMs: deps.clock.uptimeMs() };
  const { gone, absences } = judgeDead(asked, lives, before.absences, moment);
  await writeNotes(deps.files, before, { absences, from: nextOf(zones, before) });
  const left = gone.map((instance) => ({
    instance,
    names: names.filter(({ owner }) => owner.instance === instance),
    // A target does not say whose it is: a target of another account is as unknown as one that is gone.
    targets: lives.get(instance) === "terminated" ? targets.filter((target) => target.instance === instance) : [],
  }));
  const dead = left.filter((one) => one.names.length + one.targets.length > 0).slice(0, mostAtOnce);
  const swept = await inEach(dead, failures, signal, async (one) => await takeAway(one, self, deps, signal));
  return { swept, failures, unguarded, isSweeper: own.flat().length > 0 };
}

export type SweepResult = {
  readonly swept: readonly Swept[];
  readonly failures: readonly unknown[];
  /** Why zones were swept without their slot: others may sweep them at the same time, which only costs requests. */
  readonly unguarded: readonly unknown[];
  /** Whether this instance is the sweeper of a zone. */
  readonly isSweeper: boolean;
};

/** Takes the slot of a zone, or keeps it. @throws MusterError what may pass: the zone waits for another sweep */
async function isSweeper(
  zone: ZoneName,
  self: Owner,
  { slots }: SweepDeps,
  unguarded: unknown[],
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const slot = { ...zoneNameOf(zone), name: `_muster-sweep.${zone.zone}`, count: 1 };
    return (await slots?.take(slot, self, holdMs, signal))?.kind !== "busy";
  } catch (error) {
    signal.throwIfAborted();
    // A policy may not know this name, and a denial counts as passing: what the dead left is swept all the same.
    if (!(error instanceof MusterError) || (error.transient && error.code !== "aws-access-denied")) throw error;
    unguarded.push(error);
    return true;
  }
}

/** As many pages as one sweep reads, as one. */
async function pagesOf(
  zone: ZoneName,
  from: string | undefined,
  { registry }: SweepDeps,
  signal: AbortSignal,
): Promise<RegistryPage> {
  const owned: OwnedName[] = [];
  let next = from;
  for (let pages = 0; pages < mostPages; pages += 1) {
    const page = await registry.page(zone, next, signal);
    owned.push(...page.owned);
    next = page.next;
    if (next === undefined) return { owned };
  }
  return { owned, next };
}

const nobody: ReadonlyMap<string, InstanceLife> = new Map();

type Left = {
  readonly instance: string;
  readonly names: readonly (OwnedName & { readonly zone: ZoneName })[];
  readonly targets: readonly Target[];
};

/** One owner, one batch for each zone. */
async function takeAway(
  { instance, names, targets }: Left,
  self: Owner,
  { registry, balancer }: SweepDeps,
  signal: AbortSignal,
): Promise<Swept> {
  for (const zone of uniqueBy(
    names.map((one) => one.zone),
    zoneKey,
  )) {
    const here = names.filter((one) => zoneKey(one.zone) === zoneKey(zone)).map(({ name }) => name);
    await registry.disown(zone, { ...self, instance }, here, signal);
  }
  for (const target of targets) await balancer?.remove(target, signal);
  return { instance, endpoints: [...names.map(({ name }) => name), ...targets.map(({ group }) => group)] };
}

type Zoned = { readonly zone: ZoneName; readonly page: RegistryPage };

function nextOf(zones: readonly Zoned[], before: SweepNotes): SweepNotes["from"] {
  const seen = new Set(zones.map(({ zone }) => zoneKey(zone)));
  const kept = Object.entries(before.from).filter(([key]) => !seen.has(key));
  const next = zones.flatMap(({ zone, page }) =>
    page.next === undefined ? [] : [[zoneKey(zone), page.next] as const],
  );
  return Object.fromEntries([...kept, ...next]);
}

function zonesOf({ places }: Wish): readonly ZoneName[] {
  return uniqueBy(places.records, zoneKey).map(zoneNameOf);
}

/** One target of each group. */
function groupsOf({ places }: Wish): readonly Target[] {
  return uniqueBy(places.targets, ({ group, balancer }) => `${balancer ?? ""} ${group}`);
}

/** One after the other; a failure does not stop the next. @throws the signal's reason */
async function inEach<One, Result>(
  all: readonly One[],
  failures: unknown[],
  signal: AbortSignal,
  work: (one: One) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const one of all) {
    try {
      results.push(await work(one));
    } catch (error) {
      signal.throwIfAborted();
      failures.push(error);
    }
  }
  return results;
}
