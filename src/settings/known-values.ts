import type { KnownValue } from "../domain/settings/known-value.ts";
import { formatPosition } from "../domain/settings/problem.ts";
import { readCatalogueTree } from "./catalogue.ts";
import { jsonSchemaOf, type JsonSchema } from "./json-schema.ts";
import { readSettingsTree } from "./settings.ts";
import { find, pathText, type Path, type Tree } from "./tree.ts";
import type { TextFile } from "./yaml.ts";

/**
 * Every value of the settings: written ones with their position, and the defaults of the others.
 * @param files as for `parseSettings`
 * @throws InvalidFileError `settings-invalid` with every problem of every file
 */
export function knownSettings(files: readonly [TextFile, ...TextFile[]]): readonly KnownValue[] {
  return valuesOf(readSettingsTree(files).tree, jsonSchemaOf("settings"));
}

/**
 * Every value of one role of a catalogue, paths without `roles.NAME`; none if there is no such role.
 * @throws InvalidFileError `catalogue-invalid` with every problem
 */
export function knownRole(text: string, file: string, role: string): readonly KnownValue[] {
  const schema = jsonSchemaOf("catalogue").properties?.["roles"];
  const tree = find(readCatalogueTree(text, file).tree, ["roles", role]);
  if (tree === undefined || !isSchema(schema) || !isSchema(schema.additionalProperties)) return [];
  return valuesOf(tree, schema.additionalProperties, jsonSchemaOf("catalogue").$defs);
}

type Definitions = JsonSchema["$defs"];

/** The values below a tree, in the order of its schema. */
function valuesOf(tree: Tree, schema: JsonSchema, definitions: Definitions = schema.$defs): readonly KnownValue[] {
  function written(node: Tree, given: JsonSchema, path: Path): readonly KnownValue[] {
    const known = resolve(given, definitions);
    if (node.kind === "list" && node.items.some(({ kind }) => kind !== "scalar")) {
      const { items } = known;
      return node.items.flatMap((item, at) => written(item, isSchema(items) ? items : {}, [...path, at]));
    }
    if (node.kind !== "map") return [{ path: pathText(path), value: shown(node, path), from: formatPosition(node.at) }];
    const { properties = {}, additionalProperties: each } = mapSchema(known, node, definitions);
    const fixed = Object.entries(properties).flatMap(([key, property]) => {
      if (!isSchema(property)) return [];
      const value = node.entries.get(key)?.value;
      return value === undefined ? left(property, [...path, key]) : written(value, property, [...path, key]);
    });
    const chosen = [...node.entries].filter(([key]) => !Object.hasOwn(properties, key));
    return [
      ...fixed,
      ...chosen.flatMap(([key, { value }]) => written(value, isSchema(each) ? each : {}, [...path, key])),
    ];
  }

  /** The defaults of missing values. */
  function left(given: JsonSchema, path: Path): readonly KnownValue[] {
    const { default: value, properties } = resolve(given, definitions);
    if (value === undefined) return [];
    if (properties === undefined) return [{ path: pathText(path), value: defaultText(value) }];
    return Object.entries(properties).flatMap(([key, property]) =>
      isSchema(property) ? left(property, [...path, key]) : [],
    );
  }

  return written(tree, schema, []);
}

/** Of the alternatives of a value, the map that has the keys of this one. */
function mapSchema(schema: JsonSchema, node: Extract<Tree, { kind: "map" }>, definitions: Definitions): JsonSchema {
  const forms = [schema, ...[schema.anyOf, schema.oneOf, schema.allOf].flatMap((some) => some ?? [])];
  const maps = forms.flatMap((form) => (isSchema(form) ? [resolve(form, definitions)] : []));
  const knows = (form: JsonSchema): boolean =>
    [...node.entries.keys()].every((key) => Object.hasOwn(form.properties ?? {}, key)) ||
    isSchema(form.additionalProperties);
  return maps.find((form) => form.type === "object" && knows(form)) ?? {};
}

function resolve(schema: JsonSchema, definitions: Definitions): JsonSchema {
  const name = schema.$ref?.replace("#/$defs/", "");
  return (name === undefined ? undefined : definitions?.[name]) ?? schema;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(node: Exclude<Tree, { kind: "map" }>, path: Path): string {
  // The body or header of a request may hold a password; the settings hold only the paths of secrets.
  if (path.includes("headers")) return "(not shown)";
  if (node.kind === "scalar") return withoutUser(node.source);
  const items = node.items.map((item) => (item.kind === "scalar" ? withoutUser(item.source) : "…"));
  return items.length === 0 ? "none" : items.join(", ");
}

/** A user in a URL may be a token. */
function withoutUser(text: string): string {
  return text.replaceAll(/(https?:\/\/)[^/@\s]*@/g, "$1…@");
}

function defaultText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(", ");
  if (isSchema(value)) return "none";
  return String(value);
}
