import { parseIpv4, parseIpv6 } from "../domain/instance/address.ts";
import { MusterError } from "../domain/errors/errors.ts";
import { isOwnDnsName, printable } from "../domain/role/names.ts";
import type { Instance } from "../domain/instance/instance.ts";
import type { DnsRecord, Endpoints, Reached, Routing, Target } from "../domain/membership/membership.ts";
import type { DnsRule, RegisterRule, Role, SlotRule } from "../domain/role/role.ts";
import type { TagNaming } from "../domain/settings/settings.ts";
import { isRoleArn, isZoneId, mayBeSameZone, zoneNameOf, type ZoneName } from "../domain/membership/zone.ts";
import { render } from "../domain/role/template.ts";
import type { TemplateFacts } from "../domain/role/template.ts";
import { recordKey, targetKey, uniqueBy } from "./wish.ts";

/**
 * The endpoints of an instance: the rules of its role with the instance's values put in and checked, and the names that
 * its tags ask for. Where rule and tag name the same record, the catalogue's counts, with the weight of the tag. Two
 * rules that name one endpoint give one. Pure.
 * @throws MusterError `template-*`, `register-group-invalid`, `dns-name-invalid`, `dns-value-invalid`,
 *   `instance-no-address`
 */
export function endpointsOf(role: Role, facts: TemplateFacts, naming: TagNaming = {}): Endpoints {
  const records = role.dns.map((rule) => recordOf(rule, facts, naming.weight?.value));
  return {
    targets: uniqueBy(
      role.register.map((rule) => targetOf(rule, facts)),
      targetKey,
    ),
    records: uniqueBy([...records, ...taggedRecords(naming, records, facts)], recordKey),
  };
}

/** The weight of a set that names none: in the middle, so that there is room on both sides. */
const defaultWeight = 100;

/** Every address of the instance, in the spelling of a target's. */
export function heldBy({ addresses: { ipv4, ipv6 } }: Instance): readonly string[] {
  return [...ipv4, ...ipv6.map((each) => parseIpv6(each) ?? each)];
}

/** @throws MusterError `instance-no-address` */
export function reachedAt(instance: Instance): Reached {
  const { ipv4, ipv6: six } = instance.addresses;
  const given = ipv4[0] ?? six[0];
  if (given === undefined) throw noAddress(instance, "register");
  // In one spelling: a balancer tells an IPv6 address in its own.
  const address = parseIpv4(given) ?? parseIpv6(given);
  if (address === undefined) throw malformedAddress(instance, given, "register");
  const ipv6 = ipv4.length === 0 ? undefined : parseIpv6(six[0] ?? "");
  return { address, ...(ipv6 === undefined ? {} : { ipv6 }) };
}

function targetOf(rule: RegisterRule, facts: TemplateFacts): Target {
  const { instance } = facts.identity;
  const { port, deadlineMs, drainMs, minimumHealthy } = rule;
  const minimum = minimumHealthy === undefined ? {} : { minimumHealthy };
  const common = { instance: instance.id, ...reachedAt(instance), port, deadlineMs, drainMs, ...minimum };
  if ("classicLoadBalancer" in rule) {
    // Its listeners say the ports: an instance is in it once.
    const group = memberName(render(rule.classicLoadBalancer, facts), "group");
    return { ...common, group, balancer: "classic", member: memberName(instance.id, "member") };
  }
  const group = memberName(render(rule.targetGroup, facts), "group");
  return { ...common, group, member: memberName(`${instance.id}-${port}`, "member") };
}

/** HAProxy takes commands as lines of words: a name with any other character could be another command. */
function memberName(name: string, what: string): string {
  if (/^[A-Za-z0-9_.:/=+@-]{1,400}$/.test(name)) return name;
  throw new MusterError({
    code: "register-group-invalid",
    message: `The balancer ${what} ${JSON.stringify(name)} holds characters that such a name cannot have`,
    hint: "Use letters, digits, dots, colons, dashes and underscores.",
  });
}

function recordOf(rule: DnsRule, facts: TemplateFacts, weight: number | undefined): DnsRecord {
  const within = zoneOf(rule, facts, `the zone of ${rule.name}`);
  const relative = render(rule.name, facts);
  const { zone } = within;
  const name = relative === "@" ? zone : hostName(`${relative}.${zone}`, `a record in ${zone}`);
  return {
    ...within,
    name,
    type: rule.type,
    ttl: rule.ttl,
    value: valueOf(rule, name, facts),
    ...(rule.routing === undefined ? {} : { routing: routingOf(rule.routing, weight ?? rule.weight) }),
    ...(rule.healthCheck === undefined ? {} : { healthCheck: healthCheckId(render(rule.healthCheck, facts), name) }),
  };
}

/** The zone of a rule. @throws MusterError `template-*`, `dns-name-invalid` */
export function zoneOf(rule: DnsRule | SlotRule, facts: TemplateFacts, what: string): ZoneName {
  const zone = hostName(render(rule.zone, facts), what);
  const filled = (template: string | undefined) => (template === undefined ? undefined : render(template, facts));
  const [zoneId, assumeRole] = [filled(rule.zoneId), filled(rule.assumeRole)];
  if (zoneId !== undefined && !isZoneId(zoneId)) throw malformed("zoneId", zoneId, "the id of a Route 53 zone", what);
  if (assumeRole !== undefined && !isRoleArn(assumeRole))
    throw malformed("assumeRole", assumeRole, "the ARN of a role", what);
  return zoneNameOf({ zone, visibility: rule.visibility, zoneId, assumeRole, externalId: filled(rule.externalId) });
}

function malformed(key: string, value: string, expected: string, what: string): MusterError {
  return new MusterError({
    code: "dns-name-invalid",
    message: `${JSON.stringify(value.slice(0, 200))} (${key} of ${what}) is not ${expected}`,
    hint: `Correct ${key} in the catalogue, or the tag that it is made from.`,
  });
}

/** The instance's address under every name that its tags ask for; an instance without an address has none. */
function taggedRecords({ names = [], weight }: TagNaming, others: readonly DnsRecord[], facts: TemplateFacts) {
  const { ipv4, ipv6, publicIpv4 } = facts.identity.instance.addresses;
  return names.flatMap(({ routing, ...named }): DnsRecord[] => {
    const { name, visibility } = named;
    const taken = others.some((other) => other.name === name && mayBeSameZone({ ...named, zone: other.zone }, other));
    const four = visibility === "public" ? (publicIpv4 ?? ipv4[0]) : ipv4[0];
    const value = four ?? ipv6[0];
    if (taken || value === undefined) return [];
    const type = four === undefined ? "AAAA" : "A";
    // The identity stage has reported the malformed address.
    if ((type === "A" ? parseIpv4(value) : parseIpv6(value)) === undefined) return [];
    return [{ ...named, type, value, routing: routingOf(routing, weight?.value) }];
  });
}

function healthCheckId(id: string, name: string): string {
  if (/^[A-Za-z0-9-]{1,64}$/.test(id)) return id;
  throw new MusterError({
    code: "dns-value-invalid",
    message: `The record ${name} cannot have the health check ${JSON.stringify(id.slice(0, 80))}`,
    hint: "Correct `healthCheck` of this dns rule in the catalogue: Route 53's id of a health check.",
  });
}

function routingOf(policy: NonNullable<DnsRule["routing"]>, weight: number | undefined): Routing {
  return policy === "multivalue" ? { policy } : { policy, weight: weight ?? defaultWeight };
}

function valueOf(rule: DnsRule, name: string, facts: TemplateFacts): string {
  const given = rule.value === undefined ? undefined : render(rule.value, facts);
  const { addresses } = facts.identity.instance;
  switch (rule.type) {
    case "A":
      return address(given ?? addresses.ipv4[0], parseIpv4, rule, name, facts);
    case "AAAA":
      return address(given ?? addresses.ipv6[0], parseIpv6, rule, name, facts);
    case "CNAME":
      if (given === undefined) throw invalidValue(rule, name, "no value");
      return hostName(given, `the value of ${name}`);
    case "TXT":
      // Any text: the adapter quotes it.
      if (given === undefined) throw invalidValue(rule, name, "no value");
      return given;
  }
}

function address(
  text: string | undefined,
  parse: (text: string) => string | undefined,
  rule: DnsRule,
  name: string,
  facts: TemplateFacts,
): string {
  if (text === undefined) throw noAddress(facts.identity.instance, `publish ${rule.type} ${name}`);
  const parsed = parse(text);
  if (parsed !== undefined) return parsed;
  if (rule.value === undefined) throw malformedAddress(facts.identity.instance, text, `publish ${rule.type} ${name}`);
  throw invalidValue(rule, name, JSON.stringify(text));
}

/** Room for the `_muster.` of the ownership record that stands beside every name. */
const longestName = 253 - "_muster.".length;

/** Absolute, lower case, no trailing dot. A leading `*` is a wildcard. */
export function hostName(text: string, what: string, longest = longestName): string {
  const name = text.toLowerCase().replace(/\.$/, "");
  const [first = "", ...rest] = name.split(".");
  const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;
  const valid = (first === "*" || label.test(first)) && rest.every((part) => label.test(part));
  if (valid && isOwnDnsName(name)) throw reservedName(text, what);
  if (valid && name.length <= longest) return name;
  throw new MusterError({
    code: "dns-name-invalid",
    message: `The DNS name ${JSON.stringify(text.slice(0, 300))} (${what}) is no valid name`,
    hint: `Labels are 1 to 63 letters, digits, dashes and underscores; the whole name has at most ${longest} characters.`,
  });
}

function reservedName(text: string, what: string): MusterError {
  return new MusterError({
    code: "dns-name-reserved",
    message: `The DNS name ${JSON.stringify(text)} (${what}) has a part that begins with _muster, as muster's own records do`,
    hint: "Choose another name. If a tag makes it ({tag.KEY}), find out who wrote the tag.",
  });
}

function invalidValue(rule: DnsRule, name: string, seen: string): MusterError {
  return new MusterError({
    code: "dns-value-invalid",
    message: `The ${rule.type} record ${name} cannot have this value: ${seen}`,
    hint: "Correct `value` of this dns rule in the catalogue.",
  });
}

function malformedAddress(instance: Instance, text: string, what: string): MusterError {
  return new MusterError({
    code: "instance-no-address",
    message: `Instance ${instance.id} has ${JSON.stringify(printable(text))} for an address to ${what} with, which is none of that family`,
    hint: "Look at the metadata page that the notice metadata-malformed names.",
  });
}

function noAddress(instance: Instance, what: string): MusterError {
  return new MusterError({
    code: "instance-no-address",
    message: `Instance ${instance.id} has no address to ${what} with`,
    hint: "Give the instance an address of that family, or name one in the instance file.",
  });
}
