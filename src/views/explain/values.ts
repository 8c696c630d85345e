import { zoneDetails, zoneText } from "../../domain/membership/zone.ts";
import type { KnownValue } from "../../domain/settings/known-value.ts";
import { redact } from "../../domain/redact/redact.ts";
import type { StageName } from "../../domain/run/run.ts";
import type { TagNaming } from "../../domain/settings/settings.ts";
import type { ExplainInput } from "./input.ts";

/** A value of this instance. */
export type ExplainedValue = {
  /** For settings and catalogue the path in the file. */
  readonly name: string;
  readonly value: string;
  /** `default`, `command line`, `tag KEY`, or `file:line:column`. */
  readonly from: string;
  /** The source of the value. */
  readonly of: "instance" | "settings" | "catalogue";
  /** Whether it matters for the present situation. */
  readonly relevant: boolean;
};

/** Every value and its origin: the selection, then the settings, then the role. */
export function valuesOf(
  { status, settings, role }: ExplainInput,
  stage: StageName | undefined,
): readonly ExplainedValue[] {
  const { selection } = status ?? {};
  const selected = selection === undefined ? [] : (["role", "environment", "ref"] as const);
  return [
    ...selected.flatMap((name): readonly ExplainedValue[] => {
      const sourced = selection?.[name];
      return sourced === undefined
        ? []
        : [{ name, value: sourced.value, from: placeOf(sourced.from), of: "instance", relevant: true }];
    }),
    ...namingOf(selection),
    ...(settings.kind === "read" ? settings.values.map((value) => explained(value, "settings", stage)) : []),
    ...role.map((value) => explained(value, "catalogue", stage)),
  ];
}

/** The names that tags ask for. */
function namingOf({ names = [], weight }: TagNaming = {}): readonly ExplainedValue[] {
  const said = { of: "instance", relevant: true } as const;
  return [
    ...names.map(({ name, tag, ...zone }): ExplainedValue => {
      const where = zoneDetails(zone).length === 0 ? "" : ` in ${zoneText(zone)}`;
      return { name: "dns", value: `${name}${where}`, from: `tag ${tag}`, ...said };
    }),
    ...(weight === undefined ? [] : [{ name: "weight", value: String(weight.value), from: weight.from, ...said }]),
  ];
}

/** A position in the settings needs no prefix in a table. */
function placeOf(from: string): string {
  return from.replace(/^settings \//, "/");
}

function explained(known: KnownValue, of: "settings" | "catalogue", stage: StageName | undefined): ExplainedValue {
  const { path, value, from } = known;
  const prefixes = stage === undefined ? [] : ofStage[stage][of];
  const concerns = prefixes.some(
    (prefix) => path === prefix || (/^[.[]/.test(path.slice(prefix.length)) && path.startsWith(prefix)),
  );
  // Every check and place has defaults of its own: they are shown with `--all` only.
  const relevant = concerns && (from !== undefined || !path.includes("["));
  return { name: path, value: withoutSecret(path, value), from: from ?? "default", of, relevant };
}

/** A command line or a header may hold a secret; the name of a value may mark it as one. */
export function withoutSecret(path: string, value: string): string {
  const begin = `${path}: `;
  const named = redact(`${begin}${value}`);
  return named.startsWith(begin) ? named.slice(begin.length) : redact(value);
}

/** The settings and the values of the catalogue that steer a stage. */
const ofStage: Readonly<Record<StageName, Readonly<Record<"settings" | "catalogue", readonly string[]>>>> = {
  clock: { settings: ["clock"], catalogue: [] },
  identity: { settings: ["cloud"], catalogue: [] },
  config: { settings: ["config"], catalogue: [] },
  index: { settings: [], catalogue: ["patch"] },
  patch: { settings: [], catalogue: ["patch"] },
  preflight: { settings: ["local", "tags"], catalogue: ["converge", "register", "dns"] },
  converge: { settings: [], catalogue: ["converge"] },
  health: { settings: [], catalogue: ["health"] },
  register: { settings: ["local.haproxy"], catalogue: ["register"] },
  dns: { settings: ["local.dns", "dns"], catalogue: ["dns"] },
  tags: { settings: ["tags"], catalogue: [] },
};
