import type { DnsRecord, Target, Wish } from "../../domain/membership/membership.ts";
import { MusterError } from "../../domain/errors/errors.ts";
import { zoneKey, zoneText } from "../../domain/membership/zone.ts";
import type { MembershipStage } from "../../domain/run/run.ts";
import type { Dns } from "../../ports/dns.ts";
import type { LoadBalancer } from "../../ports/load-balancer.ts";
import type { TagWriter } from "../../ports/tag-writer.ts";
import { together, type FailedPlace } from "./failed-places.ts";
import type { Observed } from "./plan.ts";
import { allEndpoints, nowhere } from "../wish.ts";

/** Through which the endpoints are reached; what the settings do not name is absent. */
export type MembershipPorts = {
  readonly balancer?: LoadBalancer | undefined;
  readonly dns?: Dns | undefined;
  readonly tags: TagWriter;
};

/** What was seen, and what failed. `observed` also holds what was seen of a stage that has a failure. */
export type Observation = {
  readonly observed: Observed;
  readonly failures: ReadonlyMap<MembershipStage, unknown>;
  /** Groups and zones of former endpoints that exist no more: the instance is not in them either. */
  readonly gone: readonly MusterError[];
};

/**
 * Observes every endpoint of the wish, side by side: a failure hides no other endpoint. Changes nothing.
 * @param isNotYet whether a target is known to be absent: it is not asked for
 * @throws the signal's reason
 */
export async function observe(
  wish: Wish,
  ports: MembershipPorts,
  stages: ReadonlySet<MembershipStage>,
  signal: AbortSignal,
  isNotYet: (target: Target) => boolean = () => false,
): Promise<Observation> {
  const endpoints = allEndpoints(wish);
  const failed: (FailedPlace & { readonly stage: MembershipStage })[] = [];
  const gone: MusterError[] = [];

  /** @param absent what is seen of a group or zone that exists no more; undefined: that is a failure */
  async function see<Seen>(
    stage: MembershipStage,
    place: string,
    ask: () => Promise<readonly Seen[]>,
    absent?: readonly Seen[],
  ): Promise<readonly Seen[]> {
    try {
      return stages.has(stage) ? await ask() : [];
    } catch (error) {
      if (absent !== undefined && isMissing(error)) {
        gone.push(error);
        return absent;
      }
      failed.push({ stage, place, error });
      return [];
    }
  }

  const renamed = new Set(await see("dns", "names", () => wantedInOtherWords(wish, ports, signal)));
  // A zone that cannot be told from another is not looked at: to leave the wrong one would take a wanted record away.
  const lookedAt = failed.length > 0 ? [] : endpoints.records.filter((record) => !renamed.has(record));
  const [targets, records, tags] = await Promise.all([
    Promise.all(
      endpoints.targets.map((target) => {
        const absent = wish.former.targets.includes(target) ? [{ target, state: nothing }] : undefined;
        const look = async () => (isNotYet(target) ? [{ target, state: nothing }] : targetSeen(target, ports, signal));
        return see("register", target.group, look, absent);
      }),
    ),
    Promise.all(
      [...Map.groupBy(lookedAt, zoneKey).values()].map((inZone) => {
        const isFormer = inZone.every((record) => wish.former.records.includes(record));
        const absent = isFormer ? inZone.map((record) => ({ record, state: nothing })) : undefined;
        const place = zoneText(inZone[0] ?? { zone: "" });
        return see("dns", place, () => recordsSeen(inZone, wish, ports, signal), absent);
      }),
    ),
    see("tags", "tags", async () => [await ports.tags.read(signal)]),
  ]);
  signal.throwIfAborted();
  const failures = new Map(
    [...Map.groupBy(failed, ({ stage }) => stage)].map(([stage, all]) => [stage, together(all)]),
  );
  return { observed: { targets: targets.flat(), records: records.flat(), tags: tags[0] ?? {} }, failures, gone };
}

const nothing = { kind: "absent" } as const;

/**
 * Whether the balancer or the DNS server says that there is no such group or zone. Nothing was ever written to a zone of
 * several that its name means: the id of a zone is kept once it is found.
 */
function isMissing(error: unknown): error is MusterError {
  const codes = ["balancer-group-missing", "dns-zone-missing", "dns-zone-ambiguous"];
  return error instanceof MusterError && codes.includes(error.code);
}

/**
 * The former records that a present place names with more or fewer words of the same zone, as by its id now. They are no
 * endpoints of their own: to withdraw one would take the present record away. @throws MusterError as `Dns.isSameZone`
 */
async function wantedInOtherWords(
  { places, former }: Wish,
  { dns }: MembershipPorts,
  signal: AbortSignal,
): Promise<readonly DnsRecord[]> {
  const found: DnsRecord[] = [];
  for (const record of former.records) {
    const { name, type, value } = record;
    const others = places.records.filter((one) => one.name === name && one.type === type && one.value === value);
    for (const other of others) {
      try {
        const isSame = await dns?.isSameZone?.(record, other, signal);
        if (isSame ?? record.zone === other.zone) found.push(record);
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    }
  }
  return found;
}

async function targetSeen(target: Target, ports: MembershipPorts, signal: AbortSignal): Promise<Observed["targets"]> {
  return [{ target, state: await balancerOf(ports).observe(target, signal) }];
}

async function recordsSeen(
  records: readonly DnsRecord[],
  { owner }: Wish,
  ports: MembershipPorts,
  signal: AbortSignal,
): Promise<Observed["records"]> {
  if (owner === undefined) return [];
  const states = await dnsOf(ports).observe(records, owner, signal);
  return records.map((record, at) => {
    const state = states[at];
    if (state === undefined) throw new Error("Dns.observe has to answer for every record");
    return { record, state };
  });
}

/**
 * Stages whose endpoints are only to be left and cannot be, because the settings name no balancer or DNS server any
 * more. An endpoint that is wanted fails its stage instead.
 */
export function stagesNotLeft(wish: Wish, ports: MembershipPorts): readonly MembershipStage[] {
  const wanted = wish.want === "in" ? wish.places : nowhere;
  const all = allEndpoints(wish);
  const stages: MembershipStage[] = [];
  if (ports.balancer === undefined && all.targets.length > 0 && wanted.targets.length === 0) stages.push("register");
  if (ports.dns === undefined && all.records.length > 0 && wanted.records.length === 0) stages.push("dns");
  return stages;
}

export function balancerOf(ports: MembershipPorts): LoadBalancer {
  if (ports.balancer !== undefined) return ports.balancer;
  throw new MusterError({
    code: "balancer-missing",
    message: "The role registers with a balancer, but the settings name none",
    hint: "Name HAProxy's runtime socket under `local: haproxy:` in the settings, or take `register` out of the role.",
  });
}

export function dnsOf(ports: MembershipPorts): Dns {
  if (ports.dns !== undefined) return ports.dns;
  throw new MusterError({
    code: "dns-missing",
    message: "The role publishes DNS records, but the settings name no DNS server",
    hint: "Name the server that takes updates under `local: dns:` in the settings, or take `dns` out of the role.",
  });
}

/** What is known of the world in one pass. A stage is observed again only where something was done, waited for, or failed. */
export type Observations = {
  /** Observes these stages, except those that are fresh. @throws the signal's reason */
  refresh(stages: readonly MembershipStage[], signal: AbortSignal): Promise<void>;
  observed(): Observed;
  /** Whether a stage was observed, and all of it seen. */
  seen(stage: MembershipStage): boolean;
  failures(): Observation["failures"];
  /** Groups and zones of former endpoints that were found to exist no more. */
  gone(): Observation["gone"];
  stale(stage: MembershipStage): void;
};

/** @param isNotYet as of {@link observe} */
export function createObservations(
  wish: Wish,
  ports: MembershipPorts,
  isNotYet: (target: Target) => boolean,
): Observations {
  let observed: Observed = { targets: [], records: [], tags: {} };
  const gone = new Map<string, MusterError>();
  const fresh = new Set<MembershipStage>();
  const failures = new Map<MembershipStage, unknown>();
  return {
    async refresh(stages, signal) {
      const wanted = new Set(stages.filter((stage) => !fresh.has(stage)));
      if (wanted.size === 0) return;
      const latest = await observe(wish, ports, wanted, signal, isNotYet);
      observed = {
        targets: wanted.has("register") ? latest.observed.targets : observed.targets,
        records: wanted.has("dns") ? latest.observed.records : observed.records,
        tags: wanted.has("tags") ? latest.observed.tags : observed.tags,
      };
      for (const error of latest.gone) gone.set(error.message, error);
      for (const stage of wanted) {
        failures.delete(stage);
        if (latest.failures.has(stage)) failures.set(stage, latest.failures.get(stage));
        else fresh.add(stage);
      }
    },
    observed: () => observed,
    seen: (stage) => fresh.has(stage),
    failures: () => failures,
    gone: () => [...gone.values()],
    stale(stage) {
      fresh.delete(stage);
      failures.delete(stage);
    },
  };
}
