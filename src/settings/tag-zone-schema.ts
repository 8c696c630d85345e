import { isExternalId, isRoleArn, isZoneId, looksLikeZoneId } from "../domain/membership/zone.ts";
import { isDnsName } from "../domain/role/names.ts";
import { settingsDefaults as defaults } from "./defaults.ts";
import { externalIdAlone } from "./membership-schema.ts";
import { list, map, oneOf, text, ttl } from "./leaves.ts";

/** A zone in which tags may name instances, as the settings hold it. */
export const tagZone = map({
  zone: text("the name of a zone, without a trailing dot", "name", isDnsName)
    .refine((value) => !looksLikeZoneId(value), {
      error: "the name of a zone, without a trailing dot; its id stands beside it as zoneId",
    })
    .transform((value) => value.toLowerCase())
    .describe("The name of the zone."),
  names: list(
    text("a name relative to the zone, a glob of them such as web-*, or @", "name or glob", isNameGlob),
    "a list of names relative to the zone, or globs of them",
  )
    .min(1, { error: "at least one name" })
    .describe(
      "The names that a tag may ask for, relative to the zone. `*` is any text without a dot, `**` any text, `@` the zone itself.",
    ),
  ttl: ttl.prefault(defaults.tagZone.ttl).describe("Seconds that others may remember such a name."),
  routing: oneOf(["multivalue", "weighted"])
    .prefault(defaults.tagZone.routing)
    .describe(
      "On `aws`: how instances that have one name are answered with: several of them, or one by its weight (the tag `muster:weight`, else 100).",
    ),
  visibility: oneOf(["public", "private"])
    .exactOptional()
    .describe(
      "On `aws`: which zone, where a public and a private one have the same name. In a public one the name stands for the public address, where the instance has one.",
    ),
  zoneId: text("the id of a Route 53 zone, without /hostedzone/", "id", isZoneId)
    .exactOptional()
    .describe(
      "On `aws`: the id of the zone, beside its name. Needed where several zones of one visibility have the same name. Say `visibility: public` beside the id of a public one.",
    ),
  assumeRole: text("the ARN of a role, arn:aws:iam::ACCOUNT:role/NAME", "ARN", isRoleArn)
    .exactOptional()
    .describe(
      "On `aws`: the role that reaches the zone, where it is another account's. See [On AWS](aws.md#zones-of-another-account).",
    ),
  externalId: text("2 to 1224 letters, digits and +=,.@:/-_", "text", isExternalId)
    .exactOptional()
    .describe("On `aws`: the external id that the trust policy of `assumeRole` asks for."),
}).superRefine(externalIdAlone);

function isNameGlob(value: string): boolean {
  return value === "@" || (value.length <= 253 && isDnsName(value.replaceAll(/[*?]+/g, "x")));
}
