// Route 53's documents: batches as clients send them, answers as the SDK's deserialisers read them.
import { element } from "./answers.ts";
import type { Change, RecordSet } from "./route53-batch.ts";
import { find, findAll, parseXml, textAt, type XmlElement } from "./xml.ts";

export interface Zone {
  readonly id: string;
  /** Absolute, with a trailing dot. */
  readonly name: string;
  readonly private: boolean;
  /** The account of a role that was assumed; absent: the instance's own. */
  readonly account?: string;
}

const namespace = 'xmlns="https://route53.amazonaws.com/doc/2013-04-01/"';

/** The answer's root element; `document` puts the XML declaration before it, and a second one no strict reader takes. */
export function answerDocument(name: string, content: string): string {
  return `<${name} ${namespace}>${content}</${name}>`;
}

/** The batch, or the sentence with which Route 53 refuses its form. */
export function readBatch(body: string): readonly Change[] | string {
  const changes = findAll(parseXml(body), "ChangeBatch/Changes/Change").map(readChange);
  return changes.find((change) => typeof change === "string") ?? changes.filter((change) => typeof change !== "string");
}

function readChange(change: XmlElement): Change | string {
  const action = textAt(change, "Action");
  const set = find(change, "ResourceRecordSet");
  if (set === undefined || (action !== "CREATE" && action !== "DELETE" && action !== "UPSERT"))
    return `Invalid XML ; no change with action ${action}`;
  const name = absolute(textAt(set, "Name") ?? "");
  const type = textAt(set, "Type") ?? "";
  const identifier = textAt(set, "SetIdentifier");
  const weight = textAt(set, "Weight");
  const multivalue = textAt(set, "MultiValueAnswer") === "true" ? true : undefined;
  const ttl = textAt(set, "TTL");
  const values = findAll(set, "ResourceRecords/ResourceRecord/Value").map(({ text }) => text);
  const where = `in Change with [Action=${action}, Name=${name}, Type=${type}, SetIdentifier=${identifier ?? "null"}]`;
  const healthCheck = textAt(set, "HealthCheckId");
  const alias = textAt(set, "AliasTarget/DNSName");
  if (alias === undefined && (ttl === undefined || values.length === 0))
    return `Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none ${where}`;
  const policies = [weight, multivalue].filter((policy) => policy !== undefined).length;
  if (identifier !== undefined && policies !== 1)
    return `Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, or MultiValueAnswer], but found ${policies === 0 ? "none" : "more than one"} ${where}`;
  if (identifier === undefined && policies > 0) return `Invalid request: Missing field 'SetIdentifier' ${where}`;
  const weighted = weight === undefined ? undefined : Number(weight);
  return {
    action,
    set: { name, type, identifier, weight: weighted, multivalue, healthCheck, alias, ttl: Number(ttl ?? 0), values },
  };
}

export function recordSetElement(set: RecordSet): string {
  const values = set.values.map((value) => `<ResourceRecord>${element("Value", value)}</ResourceRecord>`);
  return [
    "<ResourceRecordSet>",
    element("Name", printed(set.name)),
    element("Type", set.type),
    element("SetIdentifier", set.identifier),
    element("Weight", set.weight),
    element("MultiValueAnswer", set.multivalue),
    ...(set.alias === undefined
      ? [element("TTL", set.ttl), `<ResourceRecords>${values.join("")}</ResourceRecords>`]
      : [aliasElement(set.alias)]),
    element("HealthCheckId", set.healthCheck),
    "</ResourceRecordSet>",
  ].join("");
}

function aliasElement(target: string): string {
  const fields = [element("HostedZoneId", "ZBALANCER"), element("DNSName", target)];
  return `<AliasTarget>${fields.join("")}${element("EvaluateTargetHealth", false)}</AliasTarget>`;
}

export function zoneElement(zone: Zone, records: number): string {
  return [
    "<HostedZone>",
    element("Id", `/hostedzone/${zone.id}`),
    element("Name", zone.name),
    element("CallerReference", zone.id),
    `<Config>${element("PrivateZone", zone.private)}</Config>`,
    element("ResourceRecordSetCount", records),
    "</HostedZone>",
  ].join("");
}

/** The zone in the answer to CreateHostedZone. */
export function readCreatedZone(body: string): Zone | undefined {
  const zone = find(parseXml(body), "HostedZone");
  const id = zone && textAt(zone, "Id")?.replace(/^\/hostedzone\//, "");
  if (zone === undefined || id === undefined) return undefined;
  const isPrivate = textAt(zone, "Config/PrivateZone")?.toLowerCase() === "true";
  return { id, name: absolute(textAt(zone, "Name") ?? ""), private: isPrivate };
}

/** Lower case, a trailing dot, no escapes. */
export function absolute(name: string): string {
  const plain = name.replaceAll(/\\([0-3][0-7]{2})/g, (_, code: string) =>
    String.fromCodePoint(Number.parseInt(code, 8)),
  );
  return `${plain.toLowerCase().replace(/\.$/, "")}.`;
}

/** An asterisk is printed as an octal escape. */
export function printed(name: string): string {
  return name.replaceAll("*", String.raw`\052`);
}
