import { z } from "zod";
import { kindOf } from "../../domain/membership/departure.ts";
import { stateFile } from "../../ports/state-file.ts";
import type { StateFiles } from "../../ports/state-files.ts";

const schema = z.object({
  bootId: z.string(),
  answered: z.array(z.string()),
  /** Absent from the files of older binaries. */
  past: z.array(z.string()).default([]),
});

export const departuresFile = stateFile("departures.json", schema);

/**
 * The departures that the instance has left for, by key. Each is answered once, also after a restart: an operator may
 * have brought the instance back since.
 */
export type Answered = {
  load(): Promise<void>;
  answered(): ReadonlySet<string>;
  /**
   * Answered departures of an earlier boot. The restart may have been what they announced, so they no longer take the
   * instance out.
   */
  past(): ReadonlySet<string>;
  /**
   * Answered departures that are complete: commands run, hook completed. Kept in memory only: completing one again is
   * harmless.
   */
  seenThrough(): ReadonlySet<string>;
  /** On disk when it resolves. */
  add(key: string): Promise<void>;
  remove(keys: readonly string[]): Promise<void>;
};

export function createAnswered(files: Pick<StateFiles, "read" | "write">, bootId: string): Answered {
  let answered: ReadonlySet<string> = new Set();
  let past: ReadonlySet<string> = new Set();
  let seenThrough: ReadonlySet<string> = new Set();

  async function put(keys: ReadonlySet<string>): Promise<void> {
    const before = [...past].filter((key) => keys.has(key));
    await departuresFile.write(files, { bootId, answered: [...keys], past: before });
    answered = keys;
    past = new Set(before);
  }

  return {
    answered: () => answered,
    past: () => past,
    seenThrough: () => seenThrough,
    async load() {
      // If the file is lost, the instance leaves once more for a departure that still holds. That is harmless.
      const known = await departuresFile.read(files);
      if (known === undefined) return;
      // A new boot forgets every departure except maintenance, which may have caused the boot.
      const sameBoot = known.bootId === bootId;
      const kept = known.answered.filter((key) => sameBoot || kindOf(key) === "maintenance");
      answered = new Set(kept);
      past = new Set(sameBoot ? known.past : kept);
      seenThrough = past;
    },
    async add(key) {
      if (!answered.has(key)) await put(new Set([...answered, key]));
      seenThrough = new Set([...seenThrough, key]);
    },
    async remove(keys) {
      const gone = new Set(keys);
      if (keys.some((key) => answered.has(key))) await put(new Set([...answered].filter((key) => !gone.has(key))));
      seenThrough = new Set([...seenThrough].filter((key) => !gone.has(key)));
    },
  };
}
