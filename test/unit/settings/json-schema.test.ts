import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { jsonSchemaOf } from "../../../src/settings/json-schema.ts";
import type { SchemaName } from "../../../src/settings/json-schema.ts";

/** Whether an editor would accept the file. Without `oneOf`: zod's reader of schemas passes over a bare `required`. */
function isAccepted(name: SchemaName, text: string): boolean {
  const schema = jsonSchemaOf(name);
  const check = schema.$defs?.["check"];
  if (check !== undefined) delete check.oneOf;
  return z.fromJSONSchema(schema).safeParse(parse(text)).success;
}

test.each<[SchemaName, string]>([
  ["settings", 'cloud: local\nconfig: { url: file:///a, refs: [main, "release/*"] }\ntags: { prefix: "muster:" }\n'],
  ["instance", 'id: i-1\nzone: a\ntags: { "muster:role": web }\n'],
  ["catalogue", "version: 1\nroles: { web: { health: { service: [{ tcp: 80 }, { unit: a.service, rise: 2 }] } } }\n"],
])("an editor accepts %s as people write them", (name, text) => {
  expect(isAccepted(name, text)).toBe(true);
});

test.each<[SchemaName, string]>([
  ["settings", "cloud: local\nconfig: { url: file:///a }\nlogs: json\n"],
  ["settings", "cloud: local\nconfig: { url: file:///a, deadline: soon }\n"],
  ["instance", "id: i-1\n"],
  ["catalogue", "version: 1\nroles: { web: { register: [{ targetGroup: a, port: 0 }] } }\n"],
  ["catalogue", "version: 1\nroles: { web: { health: { smoke: [{ tpc: 80 }] } } }\n"],
])("an editor marks what is wrong with %s", (name, text) => {
  expect(isAccepted(name, text)).toBe(false);
});

test("an editor knows that a check has one kind", () => {
  const { oneOf, properties = {} } = jsonSchemaOf("catalogue").$defs?.["check"] ?? {};
  const pacing = ["name", "interval", "timeout", "rise", "fall"];
  const kinds = Object.keys(properties).filter((key) => !pacing.includes(key));
  expect(oneOf).toEqual(kinds.map((kind) => ({ required: [kind] })));
});
