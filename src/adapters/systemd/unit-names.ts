import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../host/handles/replace-file.ts";

/**
 * The unit for the work of a name. A background process of a command keeps its unit loaded, although the unit is over,
 * and systemd starts no second unit of a loaded name. Repeated work of such a name becomes `NAME.2`, then `NAME.3`. The
 * number is a file beside the exit marks, so that every agent of this boot finds the same unit.
 */
export type UnitNames = {
  /** The unit of the newest number, without `.service`. */
  current(name: string): Promise<string>;
  /** Gives the work another number than `unit` has. No-op if another process has done so. */
  leave(name: string, unit: string): Promise<void>;
};

/** @param directory has to exist, and to be emptied by every boot */
export function createUnitNames(directory: string): UnitNames {
  async function newest(name: string): Promise<number> {
    const prefix = `${name}#`;
    const files = await readdir(directory);
    return Math.max(1, ...files.map((file) => (file.startsWith(prefix) ? Number(file.slice(prefix.length)) : 1)));
  }

  return {
    current: async (name) => unitOf(name, await newest(name)),
    async leave(name, unit) {
      const number = await newest(name);
      if (unitOf(name, number) === unit)
        await replaceFile(join(directory, `${name}#${number + 1}`), "", { mode: 0o600 });
    },
  };
}

function unitOf(name: string, number: number): string {
  return number === 1 ? name : `${name}.${number}`;
}
