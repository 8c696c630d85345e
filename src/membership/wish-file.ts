import { z } from "zod";
import { MusterError } from "../domain/errors/errors.ts";
import type { Wish } from "../domain/membership/membership.ts";
import type { StateFileName } from "../domain/settings/own-state.ts";
import { stateDirectory } from "../domain/settings/paths.ts";
import { jsonIn } from "../ports/state-file.ts";
import type { StateFiles } from "../ports/state-files.ts";
import { splitNewer, wishFileSchema, type NewerEndpoints } from "./wish-schema.ts";

/** The wish on disk, with the times that a restart in the middle of leaving needs. */
export type WishRecord = {
  readonly wish: Wish;
  /** When the instance last began to leave an endpoint, ISO 8601; absent when it leaves none. */
  readonly partedAt?: string | undefined;
  /** When the last server dropped the withdrawn records, ISO 8601. */
  readonly clearedAt?: string | undefined;
};

export const wishFile = "membership.json" satisfies StateFileName;

/** What reading the file gave. */
export type ReadWish =
  | { readonly kind: "absent" }
  | { readonly kind: "read"; readonly record: WishRecord; readonly newer?: NewerEndpoints }
  /** Damaged, or of a later muster: kept for the operator under another name. */
  | { readonly kind: "set-aside"; readonly path: string; readonly why: string };

/** Reads the wish. A malformed file is set aside; its content is never guessed. */
export async function readWish(files: StateFiles): Promise<ReadWish> {
  const text = await files.read(wishFile);
  if (text === undefined) return { kind: "absent" };
  const json = jsonIn(text);
  const { value, newer } = splitNewer(json);
  const parsed = wishFileSchema.safeParse(value);
  if (parsed.success) {
    const { version: _version, ...record } = parsed.data;
    return { kind: "read", record, ...(newer === undefined ? {} : { newer }) };
  }
  const why = json === undefined ? "it is no JSON" : z.prettifyError(parsed.error);
  return { kind: "set-aside", path: await files.setAside(wishFile), why };
}

/**
 * The wish in the text of the file, for readers that change nothing; undefined where there is no file.
 * @throws MusterError `state-read-failed` when the text is malformed: absent would be a guess
 */
export function wishIn(text: string | undefined): Wish | undefined {
  if (text === undefined) return undefined;
  const parsed = wishFileSchema.safeParse(splitNewer(jsonIn(text)).value);
  if (parsed.success) return parsed.data.wish;
  throw new MusterError({
    code: "state-read-failed",
    message: `${stateDirectory}/${wishFile} is damaged or of a later muster: where this instance is joined is not known`,
    hint: "Start the daemon: it sets the file aside, and the run that follows writes it anew. Meanwhile look at the balancer and the zones themselves.",
  });
}

/**
 * Durable when it resolves.
 * @param newer what the file held of a newer binary: it stays among what is still to be left, whatever becomes of the
 *   wish, because this binary does not leave it
 */
export async function writeWish(files: StateFiles, record: WishRecord, newer?: NewerEndpoints): Promise<void> {
  const { former } = record.wish;
  const wish = {
    ...record.wish,
    former: {
      targets: [...former.targets, ...(newer?.targets ?? [])],
      records: [...former.records, ...(newer?.records ?? [])],
    },
  };
  await files.write(wishFile, `${JSON.stringify({ version: 1, ...record, wish }, undefined, 2)}\n`);
}
