import { z } from "zod";
import { MusterError } from "../../domain/errors/errors.ts";
import { mayBeSameZone, zoneKey, zoneText, type AssumedRole, type ZoneName } from "../../domain/membership/zone.ts";
import { stateFile } from "../../ports/state-file.ts";
import type { StateFiles } from "../../ports/state-files.ts";
import type { AwsDeps } from "./call.ts";
import { awsFailure } from "./failure.ts";
import { isNamed } from "./failure.ts";
import { createRoute53Api, type Route53 } from "./services.ts";

const operation = "route53:ListHostedZonesByName";

/** Route 53, and the ids of known zones. */
export type Zones = {
  /** Route 53 as the zone is reached: by the instance's own role, or by one of another account. */
  readonly apiOf: (name: ZoneName) => Route53;
  /**
   * Works in a zone. Without an id its name is looked up once, and once more if the zone was deleted and made anew with
   * another id. @throws MusterError as `findZone`
   */
  readonly within: <T>(
    name: ZoneName,
    signal: AbortSignal,
    work: (zoneId: string, api: Route53) => Promise<T>,
  ) => Promise<T>;
};

/** The ids of zones that were found by name; `key` is their `zoneKey`. */
export const zonesFile = stateFile(
  "zones.json",
  z.object({ zones: z.array(z.object({ key: z.string(), id: z.string() })) }),
);

/**
 * @param files keep what was found by name: a second zone of that name, which somebody makes later, must not keep the
 * next agent from the records that are in the first. Absent: nothing outlives this process.
 * @param inRole what calls in a role of another account are made with
 */
export function keepZones(
  deps: AwsDeps,
  files?: Pick<StateFiles, "read" | "write">,
  inRole?: (role: AssumedRole) => AwsDeps,
): Zones {
  const own = createRoute53Api(deps);
  const others = new Map<string, Route53>();
  const ids = new Map<string, string>();
  let loading: Promise<void> | undefined;

  // The file only saves calls: a full disk keeps no record from its zone.
  async function load(): Promise<void> {
    const known = files === undefined ? undefined : await zonesFile.read(files).catch(() => undefined);
    for (const { key, id } of known?.zones ?? []) ids.set(key, id);
  }

  function apiOf({ assumeRole, externalId }: ZoneName): Route53 {
    if (assumeRole === undefined || inRole === undefined) return own;
    const key = `${assumeRole} ${externalId ?? ""}`;
    const api = others.get(key) ?? createRoute53Api(inRole({ arn: assumeRole, externalId }));
    others.set(key, api);
    return api;
  }

  async function find(name: ZoneName, signal: AbortSignal): Promise<string> {
    const id = await findZone(apiOf(name), name, signal);
    ids.set(zoneKey(name), id);
    const zones = [...ids].map(([one, found]) => ({ key: one, id: found }));
    if (files !== undefined) await zonesFile.write(files, { zones }).catch(() => undefined);
    return id;
  }

  return {
    apiOf,
    async within(name, signal, work) {
      signal.throwIfAborted();
      await (loading ??= load());
      const known = name.zoneId ?? ids.get(zoneKey(name));
      try {
        if (known !== undefined) return await work(known, apiOf(name));
      } catch (error) {
        if (!(error instanceof MusterError) || !isNamed(error.cause, /^NoSuchHostedZone$/)) throw error;
        if (name.zoneId !== undefined) throw missing(name);
        ids.delete(zoneKey(name));
      }
      return await work(await find(name, signal), apiOf(name));
    },
  };
}

/** Whether two ways to name a zone lead to one id. @throws MusterError as `within` */
export async function isSameZone(
  { within }: Pick<Zones, "within">,
  one: ZoneName,
  other: ZoneName,
  signal: AbortSignal,
): Promise<boolean> {
  if (!mayBeSameZone(one, other)) return false;
  const idOf = (name: ZoneName) => within(name, signal, async (id) => id);
  return (await idOf(one)) === (await idOf(other));
}

/**
 * The id of the zone of that name: several may have it. @throws MusterError `dns-zone-missing`, `dns-zone-ambiguous`
 */
async function findZone(api: Route53, name: ZoneName, signal: AbortSignal): Promise<string> {
  const { zone, visibility } = name;
  // Sorted by name from this one on: the zones of this name come first.
  const wanted = { DNSName: `${zone}.` };
  const answer = await api.call((sdk) => new sdk.ListHostedZonesByNameCommand(wanted), signal);
  if (answer.MaxItems === undefined) throw awsFailure(operation, new Error("an answer without MaxItems"));
  const named = (answer.HostedZones ?? []).filter(({ Name }) => Name?.toLowerCase() === `${zone}.`);
  const fitting = named.filter(
    ({ Config }) => visibility === undefined || (visibility === "private") === (Config?.PrivateZone ?? false),
  );
  const [first] = fitting;
  if (first?.Id === undefined) throw missing(name);
  if (fitting.length > 1) {
    const each = fitting.map(
      ({ Id, Config }) => `${bareId(Id)} (${Config?.PrivateZone === true ? "private" : "public"})`,
    );
    throw ambiguous(name, each);
  }
  return bareId(first.Id);
}

function bareId(id = "without an id"): string {
  return id.replace(/^\/hostedzone\//, "");
}

function missing(name: ZoneName): MusterError {
  return new MusterError({
    code: "dns-zone-missing",
    message: `Route 53 has no zone ${zoneText(name)} in ${accountOf(name)}`,
    hint:
      name.zoneId === undefined
        ? "Create it, or correct dns.zone in the catalogue."
        : "Correct zoneId beside the zone, in the catalogue or in dns.zones of the settings.",
  });
}

/** @param each the id and visibility of every zone that fits */
function ambiguous(name: ZoneName, each: readonly string[]): MusterError {
  return new MusterError({
    code: "dns-zone-ambiguous",
    message: `Route 53 has more than one zone ${zoneText(name)} in ${accountOf(name)}: ${each.join(", ")}`,
    hint: "Write the id of the right one beside its name: zoneId, under dns and slot in the catalogue and in dns.zones of the settings.",
  });
}

function accountOf({ assumeRole }: ZoneName): string {
  return assumeRole === undefined ? "this account" : "that account";
}
