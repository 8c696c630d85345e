import type { Tags } from "../domain/instance/instance.ts";
import type { TagPattern } from "../domain/instance/tag-text.ts";

/** The instance's tags, full keys. */
export type SeenTags = {
  readonly tags: Tags;
  /** When they were read, ISO 8601, and why not now, if the cloud does not answer; absent if they are fresh. */
  readonly stale?: { readonly asOf: string; readonly why: string };
};

export type TaggedInstance = { readonly id: string; readonly tags: Tags };

/**
 * The tags of this instance, as a person or a script works with them, and those of the instances around it. Muster's
 * own state tags are among them; membership writes those through {@link TagWriter}.
 *
 * Contract: `add` sets all that it is given in one call or none, replaces the values of keys that are there, and leaves
 * all others; `remove` takes away the keys that are there, with a value only where that is the value, and is content
 * where none is. Both refuse what the cloud would refuse, and a change that names no tag (`tags-impossible`), before
 * they ask it: an empty list never means all. What was added is in the
 * next `list`, of every process. `list` falls back on what was known last, and says so.
 */
export interface TagStore {
  list(signal: AbortSignal): Promise<SeenTags>;
  add(tags: Tags, signal: AbortSignal): Promise<void>;
  remove(wanted: readonly TagPattern[], signal: AbortSignal): Promise<void>;
  /** Instances that are not terminated and have a tag that fits any of these, in the order of their ids. */
  find(wanted: readonly TagPattern[], signal: AbortSignal): Promise<readonly TaggedInstance[]>;
}
