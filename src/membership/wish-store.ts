import { createSerial } from "../lib/async/serial.ts";
import type { StateFiles } from "../ports/state-files.ts";
import { readWish, wishFile, writeWish } from "./wish-file.ts";
import type { ReadWish, WishRecord } from "./wish-file.ts";
import type { NewerEndpoints } from "./wish-schema.ts";

/** The wish of this process and its copy on disk, changed one after the other. */
export type WishStore = {
  load(): Promise<ReadWish>;
  record(): WishRecord | undefined;
  /** Aborts as soon as a newer wish supersedes the present one. */
  signal(): AbortSignal;
  /** Writes another wish to disk, then makes it the present one. The same record, or none, changes nothing. */
  replace<Next extends WishRecord | undefined>(change: (former: WishRecord | undefined) => Next): Promise<Next>;
  /** Adds notes to the present wish, unless a newer one superseded it. @throws the signal's reason */
  note(record: WishRecord, signal: AbortSignal): Promise<void>;
  forget(): Promise<void>;
};

export function createWishStore(files: StateFiles): WishStore {
  let present: WishRecord | undefined;
  /** What the file held of a newer binary. */
  let newer: NewerEndpoints | undefined;
  let replaced = new AbortController();
  /** One change after the other: two writes of one file could land in the wrong order. */
  const changes = createSerial();

  function put(record: WishRecord | undefined): void {
    present = record;
    replaced.abort(new Error("another wish superseded this one"));
    replaced = new AbortController();
  }

  return {
    async load() {
      const read = await readWish(files);
      newer = read.kind === "read" ? read.newer : undefined;
      put(read.kind === "read" ? read.record : undefined);
      return read;
    },
    record() {
      return present;
    },
    signal() {
      return replaced.signal;
    },
    async replace(change) {
      return await changes.run(async () => {
        const next = change(present);
        if (next === undefined || next === present) return next;
        await writeWish(files, next, newer);
        put(next);
        return next;
      });
    },
    async note(record, signal) {
      await changes.run(async () => {
        signal.throwIfAborted();
        await writeWish(files, record, newer);
        present = record;
      });
    },
    async forget() {
      await changes.run(async () => {
        await files.remove(wishFile);
        newer = undefined;
        put(undefined);
      });
    },
  };
}
