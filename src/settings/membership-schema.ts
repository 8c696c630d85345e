import { z } from "zod";
import { parseIpv4, parseIpv6 } from "../domain/instance/address.ts";
import { isExternalId, isRoleArn, isZoneId, looksLikeZoneId } from "../domain/membership/zone.ts";
import { isDnsName } from "../domain/role/names.ts";
import { roleDefaults as defaults } from "./defaults.ts";
import { duration, map, minimum, oneOf, port, recordName, template, text, ttl, whole } from "./leaves.ts";

const groupForms = [
  /^(?!tag:|arn:)[A-Za-z0-9._:-]{1,253}$/,
  /^arn:[a-z0-9-]+:elasticloadbalancing:[a-z0-9-]+:(\d{12}|x):targetgroup\/[A-Za-z0-9-]{1,32}\/[0-9a-fx]{1,32}$/,
  /^tag:[A-Za-z0-9._:/+@-]{1,128}=[A-Za-z0-9._:/=+@-]{1,256}$/,
];

const groupText = template("the name of a target group, its ARN, or tag:KEY=VALUE", "template", (value) =>
  groupForms.some((form) => form.test(value)),
);

const groupTag = map({
  tag: map({
    key: text("a key of letters, digits and ._:/+@-", "text", (value) =>
      /^[A-Za-z0-9._:/+@-]{1,128}$/.test(value),
    ).describe("Its key."),
    value: template("a value of letters, digits and ._:/=+@-", "template", (value) =>
      /^[A-Za-z0-9._:/=+@-]{1,256}$/.test(value),
    ).describe("Its value."),
  }).describe("The tag that exactly one target group has."),
}).transform(({ tag: { key, value } }) => `tag:${key}=${value}`);

const classicName = template("the name of a Classic Load Balancer", "template", (value) =>
  /^[A-Za-z0-9-]{1,32}$/.test(value),
);

/** One balancer group to join, as a file holds it. */
export const registerSchema = map({
  targetGroup: z
    .union([groupText, groupTag], {
      error: "the name of a target group, its ARN, tag:KEY=VALUE, or { tag: { key: …, value: … } }",
    })
    .exactOptional()
    .describe(
      "The group to join: its name, on `aws` also its ARN, `tag:KEY=VALUE` or `{ tag: { key, value } }`; on `local` the HAProxy backend of that name.",
    ),
  classicLoadBalancer: classicName
    .exactOptional()
    .describe(
      "Instead of `targetGroup`: the name of a Classic Load Balancer; on `local` the HAProxy backend of that name.",
    ),
  port: port
    .exactOptional()
    .describe(
      `The port that serves; a target group needs it. The listeners of a Classic Load Balancer say their own, and on \`local\` it is ${defaults.register.classicPort} where none is said.`,
    ),
  deadline: duration("1s", "24h")
    .prefault(defaults.register.deadline)
    .describe(
      "How long the balancer may take to say healthy. A group of Elastic Load Balancing whose own checks take longer has that long.",
    ),
  drain: duration("0s", "1h")
    .prefault(defaults.register.drain)
    .describe("How long open connections are served after leaving."),
  minimumHealthy: minimum
    .exactOptional()
    .describe(
      "How many *other* members the balancer has to call healthy, or the instance does not leave by choice: a number, or a percentage of all members, rounded up. Not said: 1 for failed health, none for a patch. See [health](health.md).",
    ),
}).superRefine(({ targetGroup, classicLoadBalancer, port }, context) => {
  const wrong = (path: string[], message: string): void => context.addIssue({ code: "custom", path, message });
  if ((targetGroup === undefined) === (classicLoadBalancer === undefined)) {
    wrong([], "either targetGroup or classicLoadBalancer");
  }
  if (targetGroup !== undefined && port === undefined)
    wrong(["port"], "the port that serves, which a target group needs");
});

const zoneExpected = "the name of a zone, without a trailing dot";

/** An id alone does not say how the names in the zone end, and no template could be checked. */
const zoneName = template(zoneExpected, "template", isDnsName).refine((value) => !looksLikeZoneId(value), {
  error: `${zoneExpected}; its id stands beside it as zoneId`,
});

/** Which of several zones of one name, as a record and a slot say it. */
const whichZone = {
  visibility: oneOf(["public", "private"])
    .exactOptional()
    .describe("On `aws`: which zone, where a public and a private one have the same name."),
  zoneId: template("the id of a Route 53 zone, without /hostedzone/", "template", (value) =>
    // A variable counts as x.
    isZoneId(value.replaceAll("x", "X")),
  )
    .exactOptional()
    .describe(
      "On `aws`: the id of the zone, beside its name. Needed where several zones of one visibility have the same name; it also saves the call that finds a zone by its name.",
    ),
  assumeRole: template("the ARN of a role, arn:aws:iam::ACCOUNT:role/NAME", "template", (value) =>
    // A variable counts as x, the account as well.
    isRoleArn(value.replace(/::x:/, "::000000000000:")),
  )
    .exactOptional()
    .describe(
      "On `aws`: the role that reaches the zone, where it is another account's. See [On AWS](aws.md#zones-of-another-account).",
    ),
  externalId: template("2 to 1224 letters, digits and +=,.@:/-_", "template", isExternalId)
    .exactOptional()
    .describe("On `aws`: the external id that the trust policy of `assumeRole` asks for."),
};

/** An external id is told to a role. */
export function externalIdAlone(
  { assumeRole, externalId }: { readonly assumeRole?: string; readonly externalId?: string },
  context: z.RefinementCtx,
): void {
  if (externalId === undefined || assumeRole !== undefined) return;
  context.addIssue({ code: "custom", path: ["externalId"], message: "assumeRole beside it" });
}

/** One record, as a file holds it. */
export const dnsSchema = map({
  zone: zoneName.describe("The name of the zone."),
  name: recordName(
    "a name relative to the zone, without a trailing dot, or @",
    (value) => value === "@" || isDnsName(value.replace(/^\*\./, "")),
  ).describe("The name, relative to the zone; `@` is the zone itself."),
  type: oneOf(["A", "AAAA", "CNAME", "TXT"]).describe("The type of the record."),
  ttl: ttl.prefault(defaults.dns.ttl).describe("Seconds that others may remember it."),
  value: template("a text of at most 255 characters", "template", (value) => value.length <= 255)
    .exactOptional()
    .describe("What the name stands for. `A` and `AAAA` need none: it is the instance's first address of that family."),
  routing: oneOf(["multivalue", "weighted"])
    .exactOptional()
    .describe(
      "On `aws`: the record stands beside those of other instances under this name, by the instance's id. `multivalue` answers with several of them, `weighted` with one by its weight. Without it the instances of a name share one record set, each with a value of its own.",
    ),
  weight: whole("a number from 0 to 255", 0, 255)
    .exactOptional()
    .describe("Of a weighted record; 100 where none is said, 0 gets no traffic."),
  ...whichZone,
  healthCheck: template("the id of a Route 53 health check", "template", (value) => /^[A-Za-z0-9-]{1,64}$/.test(value))
    .exactOptional()
    .describe("On `aws`: the id of the health check without which Route 53 leaves a routed record out of its answers."),
}).superRefine((rule, context) => {
  const { type, name, value, routing, weight, healthCheck } = rule;
  externalIdAlone(rule, context);
  const wrong = (path: string[], message: string): void => context.addIssue({ code: "custom", path, message });
  if (type === "CNAME" && name === "@") wrong(["type"], "A, AAAA or TXT for @, because a zone cannot be an alias");
  if (value === undefined && (type === "CNAME" || type === "TXT")) wrong(["value"], `a value, which ${type} needs`);
  if (weight !== undefined && routing !== "weighted") wrong(["weight"], "routing: weighted beside it");
  if (healthCheck !== undefined && routing === undefined) wrong(["healthCheck"], "routing beside it");
  if (type === "CNAME" && routing === "multivalue") wrong(["routing"], "weighted for a CNAME, which has one value");
  if (value === undefined || value.includes("{")) return;
  if (type === "A" && parseIpv4(value) === undefined) wrong(["value"], "an IPv4 address");
  if (type === "AAAA" && parseIpv6(value) === undefined) wrong(["value"], "an IPv6 address");
  if (type === "CNAME" && !isDnsName(value)) wrong(["value"], "a host name, without a trailing dot");
});

/** A slot, as a file holds it: it limits how many instances leave service at once. */
export const slotSchema = map({
  zone: zoneName.describe("The name of the zone that holds the slots: one that muster may write to."),
  name: recordName("a name relative to the zone, without a trailing dot", isDnsName).describe(
    "What the instances that share the slots have in common, such as `web-{environment}`; relative to the zone.",
  ),
  count: whole("a number from 1 to 50", 1, 50)
    .prefault(defaults.slot.count)
    .describe("How many instances may be out of service by choice at once."),
  expires: duration("5m", "24h")
    .prefault(defaults.slot.expires)
    .describe(
      "How long an instance that died, or is held, keeps the others waiting. An instance at work renews its slot.",
    ),
  ...whichZone,
}).superRefine(externalIdAlone);
