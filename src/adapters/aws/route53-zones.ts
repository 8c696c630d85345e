import { MusterError } from "../../domain/errors.ts";
import type { ZoneName } from "../../domain/membership.ts";
import { call, type AwsDeps } from "./call.ts";
import { awsFailure } from "./failure.ts";
import { keepClient } from "./client.ts";
import { isNamed } from "./failure.ts";
import type { Route53Client } from "./sdk/route53.ts";

const operation = "route53:ListHostedZonesByName";

/** Route 53, and the ids of the zones that were asked for. */
export type Zones = {
  readonly connect: (signal: AbortSignal) => Promise<Route53Client>;
  /**
   * Works in a zone, and once more in one that was deleted and made anew, which has another id.
   * @throws MusterError as `findZone`
   */
  readonly within: <T>(name: ZoneName, signal: AbortSignal, work: (zoneId: string) => Promise<T>) => Promise<T>;
};

export function keepZones(deps: AwsDeps): Zones {
  const connect = keepClient(deps, async (options) => {
    const { Route53Client } = await import("./sdk/route53.ts");
    // One service for all regions: the region says whose (of AWS, of its China regions…).
    return new Route53Client(options);
  });
  const ids = new Map<string, string>();
  return {
    connect,
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
      const id = await findZone(await connect(signal), deps, name, signal);
      ids.set(key, id);
      return await work(id);
    },
  };
}

/** What tells zones apart. */
export function zoneKey({ zone, visibility }: ZoneName): string {
  return `${zone} ${visibility ?? ""}`;
}

/**
 * The id of the zone of that name: a public and a private one may both have it.
 * @throws MusterError `dns-zone-missing`, `dns-zone-ambiguous`
 */
async function findZone(
  client: Route53Client,
  deps: AwsDeps,
  { zone, visibility }: ZoneName,
  signal: AbortSignal,
): Promise<string> {
  const { ListHostedZonesByNameCommand } = await import("./sdk/route53.ts");
  // Sorted by name from this one on: the zones of this name come first.
  const command = new ListHostedZonesByNameCommand({ DNSName: `${zone}.` });
  const answer = await call(deps, operation, signal, (options) => client.send(command, options));
  if (answer.MaxItems === undefined) throw awsFailure(operation, new Error("an answer without MaxItems"));
  const named = (answer.HostedZones ?? []).filter(({ Name }) => Name?.toLowerCase() === `${zone}.`);
  const [first, second] = named.filter(
    ({ Config }) => visibility === undefined || (visibility === "private") === (Config?.PrivateZone ?? false),
  );
  if (first?.Id === undefined) throw missing(zone, visibility);
  if (second !== undefined) throw ambiguous(zone, visibility);
  return first.Id.replace(/^\/hostedzone\//, "");
}

function missing(zone: string, visibility?: string): MusterError {
  return new MusterError({
    code: "dns-zone-missing",
    message: `Route 53 has no ${visibility === undefined ? "" : `${visibility} `}zone ${zone} in this account`,
    hint: "Create it, or correct dns.zone in the catalogue.",
  });
}

function ambiguous(zone: string, visibility: string | undefined): MusterError {
  return new MusterError({
    code: "dns-zone-ambiguous",
    message: `Route 53 has more than one ${visibility === undefined ? "" : `${visibility} `}zone ${zone} in this account`,
    hint:
      visibility === undefined
        ? "Say which one under dns in the catalogue: visibility: public or visibility: private."
        : "Delete the one that nobody uses, or give them different names.",
  });
}
