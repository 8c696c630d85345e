import { join } from "node:path";
import { replaceFile } from "../host/handles/replace-file.ts";
import { makeDirectory } from "../host/state-files.ts";

/** A file of variables for units that are started now; undefined where there are none. */
export type EnvironmentFile = () => Promise<string | undefined>;

/**
 * Variables that may hold a password reach a unit in a file for root alone: the properties of a unit, and the argument
 * list of what starts it, can be read by every user. systemd reads it before it says that the unit has started.
 * @param runtimeDirectory absolute; in memory
 * @param variables asked for each start; values without quotes, backslashes and line breaks
 */
export function createEnvironmentFile(
  runtimeDirectory: string,
  variables: () => Readonly<Record<string, string>>,
): EnvironmentFile {
  const path = join(runtimeDirectory, "proxies.env");
  return async () => {
    const lines = Object.entries(variables()).map(([name, value]) => `${name}="${value}"\n`);
    if (lines.length === 0) return undefined;
    await makeDirectory(runtimeDirectory);
    await replaceFile(path, lines.join(""), { mode: 0o600 });
    return path;
  };
}
