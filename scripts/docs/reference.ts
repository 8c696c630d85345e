import type { JsonSchema } from "../../src/settings/json-schema.ts";

type Row = { readonly key: string; readonly type: string; readonly default: string; readonly meaning: string };

/** A map of a file, and its place in it. */
type Section = { readonly path: string; readonly schema: JsonSchema };

/** Reference of every key of a file: a table a map, each followed by the maps in it. */
export function reference(root: JsonSchema, title: string): string {
  return sectionText({ path: title, schema: root }, root, new Set([title])).join("\n");
}

function sectionText({ path, schema }: Section, root: JsonSchema, seen: Set<string>): readonly string[] {
  const required = new Set(schema.required ?? []);
  const inner: Section[] = [];
  const rows = Object.entries(schema.properties ?? {}).map(([key, value]): Row => {
    const property = asSchema(value);
    return {
      key,
      type: typeOf(property, path.endsWith(".yaml") ? key : `${path}.${key}`, root, inner),
      default: required.has(key) ? "required" : defaultOf(property),
      meaning: property.description ?? "",
    };
  });
  const fresh = inner.filter((section) => !seen.has(section.path) && seen.add(section.path));
  return [`### \`${path}\``, "", ...table(rows), "", ...fresh.flatMap((section) => sectionText(section, root, seen))];
}

function table(rows: readonly Row[]): readonly string[] {
  return [
    "| key | type | default | meaning |",
    "|---|---|---|---|",
    ...rows.map((row) => `| \`${row.key}\` | ${row.type} | ${row.default} | ${row.meaning} |`),
  ];
}

/** What a value may be; maps that are met get a section of their own. */
function typeOf(schema: JsonSchema, path: string, root: JsonSchema, sections: Section[]): string {
  if (schema.$ref !== undefined) return refersTo(schema.$ref, root, sections);
  if (schema.anyOf !== undefined) {
    return schema.anyOf.map((option) => typeOf(asSchema(option), path, root, sections)).join(", or ");
  }
  if (schema.properties !== undefined) return link(path, schema, sections, "map");
  if (schema.type === "array") return `list of ${typeOf(itemOf(schema), `${path}[]`, root, sections)}`;
  if (schema.type === "object") {
    const inner = asSchema(schema.additionalProperties ?? {});
    return `map of name to ${typeOf(inner, `${path}.NAME`, root, sections)}`;
  }
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  const range = schema.minimum === undefined ? "" : `, ${schema.minimum} to ${schema.maximum ?? "any"}`;
  return `${schema.title ?? "any"}${range}`;
}

function refersTo(ref: string, root: JsonSchema, sections: Section[]): string {
  const name = ref.split("/").at(-1) ?? "";
  return link(name, asSchema(root.$defs?.[name] ?? {}), sections, name);
}

function link(path: string, schema: JsonSchema, sections: Section[], word: string): string {
  sections.push({ path, schema });
  return `[${word}](#${path
    .toLowerCase()
    .replaceAll(/[^a-z0-9_ -]/g, "")
    .replaceAll(" ", "-")})`;
}

function defaultOf({ default: value }: JsonSchema): string {
  const text = typeof value === "string" ? value : JSON.stringify(value ?? {});
  return text === "{}" || text === "[]" ? "" : `\`${text}\``;
}

function itemOf({ items, prefixItems }: JsonSchema): JsonSchema {
  const item = Array.isArray(items) ? items[0] : (items ?? prefixItems?.[0]);
  return asSchema(item ?? {});
}

function asSchema(value: JsonSchema | boolean): JsonSchema {
  return typeof value === "boolean" ? {} : value;
}
