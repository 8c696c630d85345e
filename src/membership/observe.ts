import type { Places, Wish } from "../domain/membership.ts";
import { MusterError } from "../domain/errors.ts";
import type { MembershipStage } from "../domain/run.ts";
import type { Dns } from "../ports/dns.ts";
import type { LoadBalancer } from "../ports/load-balancer.ts";
import type { TagWriter } from "../ports/tag-writer.ts";
import type { Observed } from "./plan.ts";
import { allPlaces, nowhere } from "./wish.ts";

/** Where membership is; what the settings do not name is absent. */
export type MembershipPorts = {
  readonly balancer?: LoadBalancer | undefined;
  readonly dns?: Dns | undefined;
  readonly tags: TagWriter;
};

/** What was seen, and what could not be: a stage that has a failure is not in `observed`. */
export type View = {
  readonly observed: Observed;
  readonly failures: ReadonlyMap<MembershipStage, unknown>;
};

/** Looks at every place of the wish, side by side. Changes nothing. @throws the signal's reason */
export async function observe(
  wish: Wish,
  ports: MembershipPorts,
  stages: ReadonlySet<MembershipStage>,
  signal: AbortSignal,
): Promise<View> {
  const places = allPlaces(wish);
  const [targets, records, tags] = await Promise.allSettled([
    stages.has("register") ? targetsOf(places, ports, signal) : [],
    stages.has("dns") ? recordsOf(places, wish, ports, signal) : [],
    stages.has("tags") ? ports.tags.read(signal) : {},
  ]);
  signal.throwIfAborted();
  const failures = new Map<MembershipStage, unknown>();
  if (targets.status === "rejected") failures.set("register", targets.reason);
  if (records.status === "rejected") failures.set("dns", records.reason);
  if (tags.status === "rejected") failures.set("tags", tags.reason);
  return {
    observed: {
      targets: targets.status === "fulfilled" ? targets.value : [],
      records: records.status === "fulfilled" ? records.value : [],
      tags: tags.status === "fulfilled" ? tags.value : {},
    },
    failures,
  };
}

async function targetsOf(places: Places, ports: MembershipPorts, signal: AbortSignal): Promise<Observed["targets"]> {
  if (places.targets.length === 0) return [];
  const balancer = balancerOf(ports);
  return await Promise.all(
    places.targets.map(async (target) => ({ target, state: await balancer.observe(target, signal) })),
  );
}

async function recordsOf(
  places: Places,
  wish: Wish,
  ports: MembershipPorts,
  signal: AbortSignal,
): Promise<Observed["records"]> {
  if (places.records.length === 0 || wish.owner === undefined) return [];
  const states = await dnsOf(ports).observe(places.records, wish.owner, signal);
  return places.records.map((record, at) => {
    const state = states[at];
    if (state === undefined) throw new Error("Dns.observe has to answer for every record");
    return { record, state };
  });
}

/**
 * Stages that only have places to be left, and nobody to ask about them, because the settings name none
 * any more. A place that is wanted fails its stage instead.
 */
export function stagesNotLeft(wish: Wish, ports: MembershipPorts): readonly MembershipStage[] {
  const wanted = wish.want === "in" ? wish.places : nowhere;
  const all = allPlaces(wish);
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
