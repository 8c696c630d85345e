import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import { programPath } from "../../domain/settings/paths.ts";

/** The first of these programs that is installed, in the fixed PATH of all commands. */
export async function firstInstalled<Name extends string>(names: readonly Name[]): Promise<Name | undefined> {
  for (const name of names) {
    for (const directory of programPath.split(":")) {
      if (await isExecutable(join(directory, name))) return name;
    }
  }
  return undefined;
}

function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
