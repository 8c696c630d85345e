import { MusterError } from "./errors.ts";
import type { Identity } from "./instance.ts";
import { isPlainName, isRefName, printable } from "./names.ts";
import { nearest } from "./nearest.ts";
import { steerable } from "./settings.ts";
import type { Provenance, Selection, Settings, Sourced, Steerable, TagNaming } from "./settings.ts";
import { namesIn } from "./tag-names.ts";

/** The tags that muster writes, without the prefix. They never steer it. */
export const writtenTags = ["state", "reason", "commit", "run", "patched", "paused"] as const;

/** The environment where neither a tag nor the settings name one. */
export const defaultEnvironment = "default";

const rules: Readonly<Record<Steerable, { readonly valid: (text: string) => boolean; readonly expected: string }>> = {
  role: { valid: isPlainName, expected: "letters, digits, dots, dashes and underscores, at most 63" },
  environment: { valid: isPlainName, expected: "letters, digits, dots, dashes and underscores, at most 63" },
  ref: { valid: isRefName, expected: "the name of a branch or tag, or a commit id" },
  dns: { valid: (text) => text.trim() !== "", expected: "one or several names, with commas between them" },
  weight: { valid: (text) => /^\d{1,3}$/.test(text) && Number(text) <= 255, expected: "a number from 0 to 255" },
};

/**
 * What this instance shall be: the command line beats a trusted tag, a trusted tag beats the settings.
 * Everything else under the prefix steers nothing and is listed. Whether the settings allow the ref is
 * for the config stage to say, which knows the repo.
 * @param provenance names the line of the settings a value comes from
 * @throws MusterError `role-missing`; `usage-invalid-selection` for a bad value on the command line
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
    fromCommandLine("role", request.role) ?? tagged.role ?? fromSettings("defaults.role", settings.defaults.role);
  if (role === undefined) throw roleMissing(settings, refused);
  // The schema fills it in: what no file says is its default.
  const ref = provenance.get("config.ref");
  return {
    role,
    environment: tagged.environment ??
      fromSettings("defaults.environment", settings.defaults.environment) ?? {
        value: defaultEnvironment,
        from: "default",
      },
    ref: fromCommandLine("ref", request.ref) ??
      tagged.ref ?? { value: settings.config.ref, from: ref === undefined ? "default" : `settings ${ref}` },
    ...namingOf(settings, tagged, refused),
    refused,
  };
}

/** The valid values of trusted tags; all other tags under the prefix go to `refused`. */
function readTags(
  { tags: { prefix, trust } }: Settings,
  identity: Identity,
  refused: { key: string; why: string }[],
): Partial<Record<Steerable, Sourced<string>>> {
  const values: Partial<Record<Steerable, Sourced<string>>> = {};
  for (const [key, value] of Object.entries(identity.tags).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (!key.startsWith(prefix)) continue;
    const name = key.slice(prefix.length);
    if (writtenTags.some((written) => written === name)) continue;
    const known = steerable.find((candidate) => candidate === name);
    const why = known === undefined ? unknown(name) : objection(known, value, trust);
    if (why !== undefined) refused.push({ key: printable(key, 128), why });
    else if (known !== undefined) values[known] = { value, from: `tag ${key}` };
  }
  return values;
}

/** The names that the settings allow and the weight; what cannot be goes to `refused`. */
function namingOf(
  { cloud, tags, dns }: Settings,
  { dns: asked, weight }: Partial<Record<Steerable, Sourced<string>>>,
  refused: { key: string; why: string }[],
): TagNaming {
  const naming: { -readonly [Key in keyof TagNaming]: TagNaming[Key] } = {};
  if (asked !== undefined) {
    const key = `${tags.prefix}dns`;
    const { allowed, objections } = namesIn(asked.value, dns.zones, key);
    if (allowed.length > 0) naming.names = allowed;
    refused.push(...objections.map((why) => ({ key, why })));
  }
  if (weight !== undefined && cloud === "aws") naming.weight = { ...weight, value: Number(weight.value) };
  if (weight !== undefined && cloud !== "aws")
    refused.push({ key: `${tags.prefix}weight`, why: "the DNS servers of cloud: local know no weights" });
  return naming;
}

function unknown(name: string): string {
  const near = name.length > 64 ? undefined : nearest(name, steerable);
  const meant = near === undefined ? "" : `; did you mean "${near}"?`;
  return `tags can steer ${steerable.join(", ")} and nothing else${meant}`;
}

function objection(name: Steerable, value: string, trust: readonly Steerable[]): string | undefined {
  if (!trust.includes(name)) return `the settings do not trust it (tags.trust: [${trust.join(", ")}])`;
  const { valid, expected } = rules[name];
  return valid(value) ? undefined : `expected ${expected}, found ${JSON.stringify(printable(value))}`;
}

/**
 * What the command line asks for, if it can be that at all.
 * @throws MusterError `usage-invalid-selection`
 */
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
