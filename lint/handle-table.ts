// How src may use the file system: files are made and changed on open handles, in one folder. A path that is used twice
// (made, then chmod) leads to another file the second time where somebody else may rename in its directory.

/** The one folder that opens files for writing. */
const writers = "src/adapters/host/handles/";

/** By path, they follow a link that another user has put there, or overwrite what they did not make. */
const byPath: ReadonlySet<string> = new Set(
  ["appendFile", "chmod", "chown", "copyFile", "cp", "lchmod", "lchown", "link", "symlink", "truncate", "writeFile"]
    .flatMap((name) => [name, `${name}Sync`])
    .concat("createWriteStream", "promises"),
);

const modules: ReadonlySet<string> = new Set(["fs", "fs/promises", "node:fs", "node:fs/promises"]);

/** Whether the rule has a say about what a module of this name gives a file. */
export function isGuarded(file: string, specifier: string): boolean {
  return file.startsWith("src/") && !file.startsWith(writers) && modules.has(specifier);
}

/**
 * Says why a name of the file system's module may not be imported.
 * @param imported undefined for the whole module, which would hide what is used of it
 */
export function objectionToName(imported: string | undefined): string | undefined {
  if (imported === undefined) return `Import the functions by name, so that lint sees which are used.`;
  if (!byPath.has(imported)) return undefined;
  return `${imported} works by path, and the path may lead elsewhere by now: use replaceFile, openOwnFile or setAccess of ${writers}.`;
}

/** Says why a file may not be opened like this. @param how the second argument's text; undefined where there is none */
export function objectionToOpening(how: unknown): string | undefined {
  if (how === undefined || how === "r") return undefined;
  return `Only ${writers} opens files for writing: use replaceFile or openOwnFile.`;
}
