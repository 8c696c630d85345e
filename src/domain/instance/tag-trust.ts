import { MusterError } from "../errors/errors.ts";
import type { Role } from "../role/role.ts";
import type { Trusted, TrustedKey } from "../settings/settings.ts";
import { variablesIn } from "../role/template.ts";

/** A tag that a template of a role uses, and where: the path from the role, as in the catalogue. */
export type TagUse = { readonly key: string; readonly path: readonly (string | number)[] };

/** As the settings list it, beside what tags steer: the tag of exactly that key. */
export function trustedKey(key: string): TrustedKey {
  return `tag.${key}`;
}

/** The keys of the tags that templates may use. */
export function keysIn(trust: readonly Trusted[]): readonly string[] {
  return trust.flatMap((word) => (word.startsWith("tag.") ? [word.slice("tag.".length)] : []));
}

/** The tags that the templates of a role use: in its balancer groups, its names and its slot. */
export function tagUsesOf({ register, dns, slot }: Pick<Role, "register" | "dns" | "slot">): readonly TagUse[] {
  const groups = register.flatMap((rule, index) =>
    "targetGroup" in rule
      ? usesIn({ targetGroup: rule.targetGroup }, ["register", index])
      : usesIn({ classicLoadBalancer: rule.classicLoadBalancer }, ["register", index]),
  );
  const names = dns.flatMap(({ zone, zoneId, assumeRole, externalId, name, value, healthCheck }, index) =>
    usesIn({ zone, zoneId, assumeRole, externalId, name, value, healthCheck }, ["dns", index]),
  );
  return [...groups, ...names, ...(slot === undefined ? [] : slotUses(slot))];
}

function slotUses({ zone, zoneId, assumeRole, externalId, name }: NonNullable<Role["slot"]>) {
  return usesIn({ zone, zoneId, assumeRole, externalId, name }, ["slot"]);
}

function usesIn(templates: Readonly<Record<string, string | undefined>>, at: TagUse["path"]): readonly TagUse[] {
  return Object.entries(templates).flatMap(([field, template]) =>
    variablesIn(template ?? "")
      .filter((name) => name.startsWith("tag."))
      .map((name) => ({ key: name.slice("tag.".length), path: [...at, field] })),
  );
}

/** The first use of each tag that the settings do not let templates use. */
export function untrustedUses(role: Pick<Role, "register" | "dns" | "slot">, trust: readonly Trusted[]) {
  const uses = tagUsesOf(role).filter(({ key }) => !trust.includes(trustedKey(key)));
  return uses.filter(({ key }, at) => uses.findIndex((other) => other.key === key) === at);
}

/**
 * A person with permission to write tags controls a name or a group that is made from a tag, like the role itself.
 * @throws MusterError `tag-untrusted`
 */
export function refuseUntrusted(
  role: Pick<Role, "name" | "register" | "dns" | "slot">,
  trust: readonly Trusted[],
): void {
  const [use] = untrustedUses(role, trust);
  if (use === undefined) return;
  throw new MusterError({
    code: "tag-untrusted",
    message: `Role ${role.name} uses {tag.${use.key}} in ${pathText(use.path)}, and the settings do not trust that tag (tags.trust: [${trust.join(", ")}])`,
    hint: `Add ${trustedKey(use.key)} to tags.trust in the settings of the image, or take {tag.${use.key}} out of the catalogue.`,
  });
}

function pathText(path: TagUse["path"]): string {
  return path.map((step, at) => (typeof step === "number" ? `[${step}]` : `${at === 0 ? "" : "."}${step}`)).join("");
}
