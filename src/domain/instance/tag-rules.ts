import { MusterError } from "../errors/errors.ts";
import type { Tags } from "./instance.ts";

/** EC2: at most 50 tags a resource, `aws:` not among them; keys of 128 and values of 256 characters. */
const limits = { tags: 50, key: 128, value: 256 } as const;

/**
 * EC2 would refuse the whole call: report it before the call, with the remedy.
 * @param tags to be written
 * @param known the present tags
 * @throws MusterError `tags-impossible`
 */
export function refuseImpossible(tags: Tags, known: Tags): void {
  refuseReserved(Object.keys(tags));
  for (const [key, value] of Object.entries(tags)) {
    if (key === "") throw impossible("a key is empty", "Give each tag a key.");
    if (key.length > limits.key || value.length > limits.value) {
      throw impossible(
        `${key.slice(0, limits.key)} is longer than EC2 takes`,
        `Keys have ${limits.key} characters, values ${limits.value}.`,
      );
    }
  }
  const counted = Object.keys({ ...known, ...tags }).filter((key) => !isReserved(key)).length;
  if (counted <= limits.tags) return;
  throw impossible(
    `the instance would have ${counted} tags, and EC2 takes ${limits.tags}`,
    "Remove tags that nobody reads (muster tag remove), also from the launch template.",
  );
}

/**
 * Refuses a change that names no tag: to EC2, `DeleteTags` without a tag means every tag of the resource.
 * @param keys to be written or removed, by a person or a script
 * @throws MusterError `tags-impossible`
 */
export function refuseUnnamed(keys: readonly string[]): void {
  if (keys.length === 0) throw impossible("no tag is named", "Name each tag: muster tag remove KEY.");
  if (keys.includes("")) throw impossible("a key is empty", "Give each tag a key.");
}

/**
 * @param keys to be written or removed
 * @throws MusterError `tags-impossible`
 */
export function refuseReserved(keys: readonly string[]): void {
  const reserved = keys.find(isReserved);
  if (reserved === undefined) return;
  throw impossible(`the key ${reserved} is reserved for AWS`, "Keys do not begin with aws:, in capitals either.");
}

function isReserved(key: string): boolean {
  return /^aws:/i.test(key);
}

function impossible(words: string, hint: string): MusterError {
  return new MusterError({ code: "tags-impossible", message: `The tags cannot be written: ${words}`, hint });
}
