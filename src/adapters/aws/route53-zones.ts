import { MusterError } from "../../domain/errors.ts";
import type { DnsRecord } from "../../domain/membership.ts";
import { call, type AwsDeps } from "./call.ts";
import { awsFailure } from "./failure.ts";
import type { Route53Client } from "./sdk/route53.ts";

const operation = "route53:ListHostedZonesByName";

/** A zone as a record names it. */
export type ZoneName = Pick<DnsRecord, "zone" | "visibility">;

/**
 * The id of the zone of that name: a public and a private one may both have it.
 * @throws MusterError `dns-zone-missing`, `dns-zone-ambiguous`
 */
export async function findZone(
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
