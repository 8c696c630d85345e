import { readFile } from "node:fs/promises";
import { aptPreferences } from "../../domain/settings/paths.ts";
import { replaceFile } from "../host/handles/replace-file.ts";

/** The administrator's own file, which ours replaces for one command; its directory is read as always. */
const ownFile = "/etc/apt/preferences";

/**
 * Options that make apt skip the excluded packages and plan around them. A pin rather than a hold: a hold belongs to
 * the administrator, stays in dpkg's database, and would have to be removed by a process that may be killed first.
 */
export async function preferencesFor(exclude: readonly string[]): Promise<readonly string[]> {
  if (exclude.length === 0) return [];
  const own = await readFile(ownFile, "utf8").catch(() => "");
  await replaceFile(aptPreferences, `${pinsOf(exclude)}\n${own}`, { mode: 0o600, directoryMode: 0o700 });
  return ["-o", `Dir::Etc::Preferences=${aptPreferences}`];
}

/** Below 0 no version is a candidate (apt_preferences(5)); the first record that fits a package is the one that counts. */
export function pinsOf(exclude: readonly string[]): string {
  return exclude.map((name) => `Package: ${name}:any\nPin: release *\nPin-Priority: -1\n`).join("\n");
}
