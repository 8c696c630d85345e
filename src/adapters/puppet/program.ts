import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { join } from "node:path";
import { pathsOf } from "../../domain/role/engines.ts";
import { MusterError } from "../../domain/errors/errors.ts";
import type { StepOf } from "../../domain/role/role.ts";

/**
 * The absolute path of puppet: that of Puppet's own packages, else the distribution's.
 * @throws MusterError `engine-missing`
 */
export async function findPuppet(searchPath: string): Promise<string> {
  for (const directory of searchPath.split(":")) {
    const path = join(directory, "puppet");
    if (await isExecutable(path)) return path;
  }
  throw new MusterError({
    code: "engine-missing",
    message: `The role asks for Puppet, and this machine has none in ${searchPath}`,
    hint: "Bake it into the image: the package puppet-agent, of the distribution or Puppet's own.",
  });
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** Checks every file that the step names. @throws MusterError `converge-file-missing`, with all missing ones at once */
export async function checkFiles(step: StepOf<"puppet">, directory: string): Promise<void> {
  const missing: string[] = [];
  for (const { use, path, kinds } of pathsOf(step)) {
    const found = await kindOf(join(directory, path));
    if (found === "nothing" || !kinds.includes(found)) missing.push(`${path} (${use})`);
  }
  if (missing.length === 0) return;
  throw new MusterError({
    code: "converge-file-missing",
    message: `The catalogue names what this commit does not hold: ${missing.join(", ")}`,
    hint: "Correct the path in muster.yaml, or commit the file; paths are relative to the root of the config repo.",
  });
}

async function kindOf(path: string): Promise<"file" | "directory" | "nothing"> {
  try {
    const found = await stat(path);
    if (found.isFile()) return "file";
    return found.isDirectory() ? "directory" : "nothing";
  } catch {
    return "nothing";
  }
}
