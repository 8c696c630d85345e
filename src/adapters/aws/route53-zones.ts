import { MusterError } from "../../domain/errors/errors.ts";
import type { ZoneName } from "../../domain/membership/membership.ts";
import type { AwsDeps } from "./call.ts";
import { awsFailure } from "./failure.ts";
import { isNamed } from "./failure.ts";
import { createRoute53Api, type Route53 } from "./services.ts";

const operation = "route53:ListHostedZonesByName";

/** Route 53, and the ids of known zones. */
export type Zones = {
  readonly api: Route53;
  /**
   * Works in a zone, and once more if the zone was deleted and made anew with another id. @throws MusterError as
   * `findZone`
   */
  readonly within: <T>(name: ZoneName, signal: AbortSignal, work: (zoneId: string) => Promise<T>) => Promise<T>;
};

export function keepZones(deps: AwsDeps): Zones {
  const api = createRoute53Api(deps);
  const ids = new Map<string, string>();
  return {
    api,
    async within(name, signal, work) {
      signal.throwIfAborted();
      const key = zoneKey(name);
      const known = ids.get(key);
      try {
        if (known !== undefined) return await work(known);
      } catch (error) {
        if (!(error instanceof MusterError) || !isNamed(error.cause, /^NoSuchHostedZone$/)) throw error;
        ids.delete(key);
      }
      const id = await findZone(api, name, signal);
      ids.set(key, id);
      return await work(id);
    },
  };
}

/** The parts that identify a zone. */
export function zoneKey({ zone, visibility }: ZoneName): string {
  return `${zone} ${visibility ?? ""}`;
}

/**
 * The id of the zone of that name: a public and a private one may both have it. @throws MusterError `dns-zone-missing`,
 * `dns-zone-ambiguous`
 */
async function findZone(api: Route53, { zone, visibility }: ZoneName, signal: AbortSignal): Promise<string> {
  // Sorted by name from this one on: the zones of this name come first.
  const wanted = { DNSName: `${zone}.` };
  const answer = await api.call((sdk) => new sdk.ListHostedZonesByNameCommand(wanted), signal);
  if (answer.MaxItems === undefined) throw awsFailure(operation, new Error("an answer without MaxItems"));
  const named = (answer.HostedZones ?? []).filter(({ Name }) => Name?.toLowerCase() === `${zone}.`);
  const fitting = named.filter(
    ({ Config }) => visibility === undefined || (visibility === "private") === (Config?.PrivateZone ?? false),
  );
  const [first] = fitting;
  if (first?.Id === undefined) throw missing(zone, visibility);
  if (fitting.length > 1) {
    const each = fitting.map(
      ({ Id, Config }) => `${bareId(Id)} (${Config?.PrivateZone === true ? "private" : "public"})`,
    );
    throw ambiguous(zone, visibility, each);
  }
  return bareId(first.Id);
}

function bareId(id = "without an id"): string {
  return id.replace(/^\/hostedzone\//, "");
}

function missing(zone: string, visibility?: string): MusterError {
  return new MusterError({
    code: "dns-zone-missing",
    message: `Route 53 has no ${visibility === undefined ? "" : `${visibility} `}zone ${zone} in this account`,
    hint: "Create it, or correct dns.zone in the catalogue.",
  });
}

/** @param each the id and visibility of every zone that fits */
function ambiguous(zone: string, visibility: string | undefined, each: readonly string[]): MusterError {
  return new MusterError({
    code: "dns-zone-ambiguous",
    message: `Route 53 has more than one ${visibility === undefined ? "" : `${visibility} `}zone ${zone} in this account: ${each.join(", ")}`,
    hint:
      visibility === undefined
        ? "Say which one under dns in the catalogue: visibility: public or visibility: private."
        : "Delete the one that nobody uses, or give them different names.",
  });
}
