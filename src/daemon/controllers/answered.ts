import { z } from "zod";
import { kindOf } from "../../domain/departure.ts";
import type { StateFiles } from "../../ports/state-files.ts";
import { stateIn } from "../../lib/known-state.ts";

const file = "departures.json";

const schema = z.object({
  v: z.literal(1),
  bootId: z.string(),
  answered: z.array(z.string()),
  /** Absent from the files of older binaries. */
  past: z.array(z.string()).default([]),
});

/**
 * Which departures the instance has left for, by key, so that none is answered twice, also after a restart: a person
 * may have brought the instance back since.
 */
export type Answered = {
  load(): Promise<void>;
  answered(): ReadonlySet<string>;
  /** Of those, the ones of an earlier boot, which it may have been for: they keep nobody out of this one. */
  past(): ReadonlySet<string>;
  /** Of those, the ones that were seen through: commands run, hook completed. Not on disk: doing it again is harmless. */
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
    await files.write(file, `${JSON.stringify({ v: 1, bootId, answered: [...keys], past: before })}\n`);
    answered = keys;
    past = new Set(before);
  }

  return {
    answered: () => answered,
    past: () => past,
    seenThrough: () => seenThrough,
    async load() {
      // Where it is lost, leaving once more for what still holds does no harm.
      const known = stateIn(schema, await files.read(file));
      if (known === undefined) return;
      // Another boot begins anew, but for the maintenance that it may have been.
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
