import { refusals } from "../settings/clouds.ts";
import { MusterError } from "../errors/errors.ts";
import type { Identity } from "../instance/instance.ts";
import { isPlainName, isRefName, printable } from "./names.ts";
import { nearest } from "../text/nearest.ts";
import { steerable } from "../settings/settings.ts";
import type { Provenance, Selection, Settings, Sourced, Steerable, TagNaming, Trusted } from "../settings/settings.ts";
import { namesIn } from "../instance/tag-names.ts";

/** The tags that muster writes, without the prefix. They never steer it. */
export const writtenTags = ["state", "reason", "commit", "run", "patched", "paused"] as const;

/** The environment where neither a tag nor the settings name one. */
export const defaultEnvironment = "default";

const rules: Readonly<Record<Steerable, { readonly valid: (text: string) => boolean; readonly expected: string }>> = {
  role: { valid: isPlainName, expected: "letters, digits, dots, dashes and underscores, at most 63" },
  environment: { valid: isPlainName, expected: "letters, digits, dots, dashes and underscores, at most 63" },
  ref: { valid: isRefName, expected: "the name of a branch or tag, or a commit id" },
  // Each name is judged by itself later: an impossible name keeps no instance out of service.
  dns: { valid: () => true, expected: "names, with commas between them" },
  // An empty one pauses nothing: `followPauseTag` reads the value.
  pause: { valid: () => true, expected: "why schedules and leaving for health are paused" },
  weight: { valid: (text) => /^\d{1,3}$/.test(text) && Number(text) <= 255, expected: "a number from 0 to 255" },
};

/**
 * Selects role, environment and ref: the command line beats a trusted tag, a trusted tag beats the settings. All other
 * tags under the prefix have no effect and are listed. The config stage knows the repo and checks whether the settings
 * allow the ref.
 * @param provenance names the line of the settings a value comes from
 * @throws MusterError `role-missing`; `tag-malformed` for a trusted tag with an impossible value;
 * `usage-invalid-selection` for a bad value on the command line
 */
export function select(
  settings: Settings,
  identity: Identity,
  request: { readonly role?: string; readonly ref?: string },
  provenance: Provenance = new Map(),
): Selection {
  const refused: { key: string; why: string }[] = [];
  const tagged = readTags(settings, identity, refused);
  const fromSettings = (path: string, value: string | undefined): Sourced<string> | undefined =>
    value === undefined ? undefined : { value, from: `settings ${provenance.get(path) ?? path}` };

  const role =
    fromCommandLine("role", request.role) ??
    said(tagged, "role") ??
    fromSettings("defaults.role", settings.defaults.role);
  if (role === undefined) throw roleMissing(settings, refused);
  // The schema fills in the default.
  const ref = provenance.get("config.ref");
  return {
    role,
    environment: said(tagged, "environment") ??
      fromSettings("defaults.environment", settings.defaults.environment) ?? {
        value: defaultEnvironment,
        from: "default",
      },
    ref: fromCommandLine("ref", request.ref) ??
      said(tagged, "ref") ?? { value: settings.config.ref, from: ref === undefined ? "default" : `settings ${ref}` },
    ...namingOf(settings, tagged, refused),
    refused,
  };
}

/** The values of trusted tags. Malformed is not absent: the error is thrown where the value would count. */
type TaggedValues = {
  readonly valid: Partial<Record<Steerable, Sourced<string>>>;
  readonly malformed: Partial<Record<Steerable, MusterError>>;
};

/** @throws MusterError `tag-malformed` */
function said({ valid, malformed }: TaggedValues, name: Steerable): Sourced<string> | undefined {
  const error = malformed[name];
  if (error !== undefined) throw error;
  return valid[name];
}

/** The values of trusted tags; all other tags under the prefix go to `refused`. */
function readTags(
  { tags: { prefix, trust } }: Settings,
  identity: Identity,
  refused: { key: string; why: string }[],
): TaggedValues {
  const values: TaggedValues = { valid: {}, malformed: {} };
  for (const [key, value] of Object.entries(identity.tags).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (!key.startsWith(prefix)) continue;
    const name = key.slice(prefix.length);
    if (writtenTags.some((written) => written === name)) continue;
    const known = steerable.find((candidate) => candidate === name);
    const why = known === undefined ? unknown(name) : distrust(known, trust);
    if (known === undefined || why !== undefined) refused.push({ key: printable(key, 128), why: why ?? "" });
    else if (rules[known].valid(value)) values.valid[known] = { value, from: `tag ${key}` };
    else values.malformed[known] = malformed(known, key, value);
  }
  return values;
}

/** The weight, and the names that the settings allow; impossible ones go to `refused`. */
function namingOf(
  { cloud, tags, dns }: Settings,
  tagged: TaggedValues,
  refused: { key: string; why: string }[],
): TagNaming {
  const naming: { -readonly [Key in keyof TagNaming]: TagNaming[Key] } = {};
  const asked = said(tagged, "dns");
  if (asked !== undefined) {
    const key = `${tags.prefix}dns`;
    const { allowed, objections } = namesIn(asked.value, dns.zones, key);
    if (allowed.length > 0) naming.names = allowed;
    refused.push(...objections.map((why) => ({ key, why })));
    if (asked.value.trim() === "") refused.push({ key, why: `expected ${rules.dns.expected}, found nothing` });
  }
  const { weights } = refusals[cloud];
  if (weights !== undefined && Object.hasOwn({ ...tagged.valid, ...tagged.malformed }, "weight")) {
    refused.push({ key: `${tags.prefix}weight`, why: weights });
    return naming;
  }
  const weight = said(tagged, "weight");
  if (weight !== undefined) naming.weight = { ...weight, value: Number(weight.value) };
  return naming;
}

function unknown(name: string): string {
  const near = name.length > 64 ? undefined : nearest(name, steerable);
  const meant = near === undefined ? "" : `; did you mean "${near}"?`;
  return `tags can steer ${steerable.join(", ")} and nothing else${meant}`;
}

function distrust(name: Steerable, trust: readonly Trusted[]): string | undefined {
  return trust.includes(name) ? undefined : `the settings do not trust it (tags.trust: [${trust.join(", ")}])`;
}

function malformed(name: Steerable, key: string, value: string): MusterError {
  return new MusterError({
    code: "tag-malformed",
    message: `The tag ${printable(key, 128)} has the value ${JSON.stringify(printable(value))}, which is not ${rules[name].expected}`,
    hint: `Correct the tag, or remove it: then the settings say the ${name}.`,
  });
}

/** The value of the command line, if it is a possible one. @throws MusterError `usage-invalid-selection` */
export function fromCommandLine(name: "role" | "ref", value: string | undefined): Sourced<string> | undefined {
  if (value === undefined) return undefined;
  const { valid, expected } = rules[name];
  if (valid(value)) return { value, from: "command line" };
  throw new MusterError({
    code: "usage-invalid-selection",
    message: `--${name} ${JSON.stringify(printable(value))} cannot be a ${name}: expected ${expected}`,
    hint: `Give --${name} another value.`,
  });
}

function roleMissing({ tags: { prefix, trust } }: Settings, refused: Selection["refused"]): MusterError {
  const tag = `${prefix}role`;
  const tried = refused.find(({ key }) => key === tag);
  const ways = trust.includes("role") ? `Set the tag ${tag}, or defaults.role` : "Set defaults.role";
  return new MusterError({
    code: "role-missing",
    message:
      tried === undefined
        ? `Nothing says which role this instance has: no trusted tag ${tag} and no defaults.role`
        : `Nothing says which role this instance has: the tag ${tag} was ignored (${tried.why})`,
    hint: `${ways} in the settings.`,
  });
}
