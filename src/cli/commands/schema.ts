import { MusterError } from "../../domain/errors/errors.ts";
import { jsonSchemaOf, schemaNames } from "../../settings/json-schema.ts";
import type { Command } from "../command.ts";

/** `muster schema`. */
export const schema: Command = {
  name: "schema",
  summary: "what an editor needs to complete and check the files",
  details: `Prints the JSON Schema (2020-12) of one file: ${schemaNames.join(", ")}.
In an editor with yaml-language-server, point the first line of the file to it:
  # yaml-language-server: $schema=./muster.schema.json`,
  arguments: [{ name: "file", summary: schemaNames.join(", ") }],
  run({ args: [asked] }, io) {
    const name = schemaNames.find((known) => known === asked);
    if (name === undefined) {
      throw new MusterError({
        code: "usage-unknown-schema",
        message: `There is no schema of ${JSON.stringify(asked ?? "")}`,
        hint: `Ask for one of ${schemaNames.join(", ")}.`,
      });
    }
    io.out(`${JSON.stringify(jsonSchemaOf(name), null, 2)}\n`);
    return Promise.resolve(0);
  },
};
