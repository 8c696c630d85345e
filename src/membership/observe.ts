import type { DnsRecord, Target, Wish } from "../domain/membership.ts";
import { MusterError } from "../domain/errors.ts";
import type { MembershipStage } from "../domain/run.ts";
import type { Dns } from "../ports/dns.ts";
import type { LoadBalancer } from "../ports/load-balancer.ts";
import type { TagWriter } from "../ports/tag-writer.ts";
import type { Observed } from "./plan.ts";
import { allEndpoints, nowhere, zoneOf } from "./wish.ts";

/** Where membership is; what the settings do not name is absent. */
export type MembershipPorts = {
  readonly balancer?: LoadBalancer | undefined;
  readonly dns?: Dns | undefined;
  readonly tags: TagWriter;
};

/** What was seen, and what could not be: `observed` holds what was seen of a stage that has a failure, too. */
export type View = {
  readonly observed: Observed;
  readonly failures: ReadonlyMap<MembershipStage, unknown>;
  /** Where former places were and nothing is any more: the instance is not there either. */
  readonly gone: readonly MusterError[];
};

/**
 * Looks at every place of the wish, side by side: what cannot be seen hides no other place. Changes nothing.
 * @throws the signal's reason
 */
export async function observe(
  wish: Wish,
  ports: MembershipPorts,
  stages: ReadonlySet<MembershipStage>,
  signal: AbortSignal,
): Promise<View> {
  const places = allEndpoints(wish);
  const failures = new Map<MembershipStage, unknown>();
  const gone: MusterError[] = [];

  /** @param absent what there is to see where nothing is any more; undefined: that is a failure */
  async function look<Seen>(
    stage: MembershipStage,
    see: () => Promise<readonly Seen[]>,
    absent?: readonly Seen[],
  ): Promise<readonly Seen[]> {
    try {
      return stages.has(stage) ? await see() : [];
    } catch (error) {
      if (absent !== undefined && isMissing(error)) {
        gone.push(error);
        return absent;
      }
      if (!failures.has(stage)) failures.set(stage, error);
      return [];
    }
  }

  const [targets, records, tags] = await Promise.all([
    Promise.all(
      places.targets.map((target) => {
        const absent = wish.former.targets.includes(target) ? [{ target, state: nothing }] : undefined;
        return look("register", () => targetSeen(target, ports, signal), absent);
      }),
    ),
    Promise.all(
      [...Map.groupBy(places.records, zoneOf).values()].map((inZone) => {
        const isFormer = inZone.every((record) => wish.former.records.includes(record));
        const absent = isFormer ? inZone.map((record) => ({ record, state: nothing })) : undefined;
        return look("dns", () => recordsSeen(inZone, wish, ports, signal), absent);
      }),
    ),
    look("tags", async () => [await ports.tags.read(signal)]),
  ]);
  signal.throwIfAborted();
  return { observed: { targets: targets.flat(), records: records.flat(), tags: tags[0] ?? {} }, failures, gone };
}

const nothing = { kind: "absent" } as const;

/** Whether there is no such group or zone, as far as those say who have them. */
function isMissing(error: unknown): error is MusterError {
  return error instanceof MusterError && (error.code === "balancer-group-missing" || error.code === "dns-zone-missing");
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
 * Stages that only have places to be left, and nobody to ask about them, because the settings name none
 * any more. A place that is wanted fails its stage instead.
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
