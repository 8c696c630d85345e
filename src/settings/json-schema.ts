import { z } from "zod";
import { catalogueSchema } from "./catalogue-schema.ts";
import { instanceSchema } from "./instance-file.ts";
import { settingsSchema } from "./settings-schema.ts";

const schemas = { settings: settingsSchema, catalogue: catalogueSchema, instance: instanceSchema } as const;

/** The files that have a schema. */
export const schemaNames = ["settings", "catalogue", "instance"] as const satisfies (keyof typeof schemas)[];

export type SchemaName = (typeof schemaNames)[number];

export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** The JSON Schema (2020-12) of a file as people write it: for editors, and for docs/. */
export function jsonSchemaOf(name: SchemaName): JsonSchema {
  return z.toJSONSchema(schemas[name], { io: "input" });
}
