import type { Identity } from "../instance/instance.ts";
import { parseIpv4 } from "../instance/address.ts";
import { MusterError } from "../errors/errors.ts";

/** The names that a template of the catalogue may use. */
export type TemplateFacts = {
  readonly role: string;
  readonly environment: string;
  /** `{tag.KEY}` means the tag of exactly that key. */
  readonly identity: Identity;
};

/** The variables that every template may use; `tag.KEY` besides. For `muster check` and error messages. */
export const templateVariables = [
  "role",
  "environment",
  "instance.id",
  "instance.zone",
  "instance.region",
  "instance.account",
  "instance.hostname",
  "instance.publicIpv4",
] as const;

/** The names in braces in a template, in order. */
export function variablesIn(template: string): readonly string[] {
  return [...template.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? "");
}

/**
 * The template with its variables filled in. A value may only hold characters of host names, group names and addresses,
 * because tags come from outside.
 * @throws MusterError `template-unknown-variable`, `template-no-value`, `template-unsafe-value`
 */
export function render(template: string, facts: TemplateFacts): string {
  return template.replaceAll(/\{([^{}]*)\}/g, (_whole, name: string) => {
    const value = valueOf(name, facts);
    if (!/^[A-Za-z0-9._:@-]{1,253}$/.test(value)) {
      throw new MusterError({
        code: "template-unsafe-value",
        message: `The value of {${name}} in "${template}" holds characters that a name cannot have: ${JSON.stringify(value.slice(0, 80))}`,
        hint: "Use letters, digits, dots, dashes and underscores in tags that names are made from.",
      });
    }
    return value;
  });
}

function valueOf(name: string, facts: TemplateFacts): string {
  const { instance, tags } = facts.identity;
  switch (name) {
    case "role":
      return facts.role;
    case "environment":
      return facts.environment;
    case "instance.id":
      return instance.id;
    case "instance.zone":
      return instance.zone;
    case "instance.region":
      return instance.region;
    case "instance.account":
      return instance.account;
    case "instance.hostname":
      return instance.hostname;
    case "instance.publicIpv4":
      return publicIpv4Of(facts.identity);
  }
  if (!name.startsWith("tag.")) throw unknownVariable(name);
  const value = Object.hasOwn(tags, name.slice(4)) ? tags[name.slice(4)] : undefined;
  if (value !== undefined) return value;
  throw new MusterError({
    code: "template-no-value",
    message: `The catalogue uses {${name}} but this instance has no tag "${name.slice(4)}"`,
    hint: `Set the tag, or take {${name}} out of the catalogue.`,
  });
}

function publicIpv4Of({ instance: { id, addresses } }: Identity): string {
  const { publicIpv4: text } = addresses;
  if (text !== undefined && parseIpv4(text) !== undefined) return text;
  if (text !== undefined) {
    throw new MusterError({
      code: "template-unsafe-value",
      message: `The value of {instance.publicIpv4} of instance ${id} is no IPv4 address: ${JSON.stringify(text.slice(0, 80))}`,
      hint: "Look at the metadata page meta-data/public-ipv4, or take the variable out of the catalogue.",
    });
  }
  throw new MusterError({
    code: "template-no-value",
    message: `The catalogue uses {instance.publicIpv4} but instance ${id} has no public address`,
    hint: "Give the instance one (subnet, launch template or Elastic IP), or take the variable out of the catalogue.",
  });
}

function unknownVariable(name: string): MusterError {
  return new MusterError({
    code: "template-unknown-variable",
    message: `The catalogue uses {${name}}, which is no variable`,
    hint: `Variables are ${templateVariables.map((known) => `{${known}}`).join(", ")} and {tag.KEY}.`,
  });
}
