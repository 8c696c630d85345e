import { MusterError } from "../../domain/errors/errors.ts";
import type { Tags } from "../../domain/instance/instance.ts";
import { stateDirectory } from "../../domain/settings/paths.ts";
import type { StateFileName } from "../../domain/settings/own-state.ts";
import type { StateFiles } from "../../ports/state-files.ts";
import type { TagWriter } from "../../ports/tag-writer.ts";

/** Tags in a file. */
export type TagFile = TagWriter & {
  /**
   * The tags, for readers that must not miss one. @throws MusterError `state-read-failed` for a damaged file: an empty
   * list would be a guess
   */
  readWhole(signal: AbortSignal): Promise<Tags>;
  /** Replaces the tags; writes nothing if they are the same. */
  replace(tags: Tags, signal: AbortSignal): Promise<void>;
};

/** The tags that muster writes itself. */
export const ownTagFile = "instance-tags.json" satisfies StateFileName;

/** The tags that were added by `muster tag add` and `rs_tag --add`. */
export const addedTagFile = "added-tags.json" satisfies StateFileName;

/**
 * Tags of an instance outside a cloud: a file in the state directory, because the operator's
 * `/etc/muster/instance.yaml` is the operator's. An unreadable file is set aside and written anew.
 */
export function createTagFile({ files, name }: { readonly files: StateFiles; readonly name: string }): TagFile {
  async function read(): Promise<Tags | undefined> {
    const text = await files.read(name);
    return text === undefined ? {} : parse(text);
  }
  async function save(tags: Tags, before: Tags | undefined): Promise<void> {
    if (before === undefined) await files.setAside(name);
    await files.write(name, `${JSON.stringify(tags, undefined, 2)}\n`);
  }
  return {
    async read(signal) {
      signal.throwIfAborted();
      return (await read()) ?? {};
    },
    async readWhole(signal) {
      signal.throwIfAborted();
      const tags = await read();
      if (tags === undefined) throw damaged(name);
      return tags;
    },
    async write(tags, signal) {
      signal.throwIfAborted();
      const reserved = Object.keys(tags).find((key) => key.startsWith("aws:") || key === "");
      if (reserved !== undefined) throw invalidKey(reserved);
      const before = await read();
      await save({ ...before, ...tags }, before);
    },
    async replace(tags, signal) {
      signal.throwIfAborted();
      const before = await read();
      if (before !== undefined && JSON.stringify(before) === JSON.stringify(tags)) return;
      await save(tags, before);
    },
  };
}

function damaged(name: string): MusterError {
  return new MusterError({
    code: "state-read-failed",
    message: `${stateDirectory}/${name} is damaged: which tags were added to this instance is not known`,
    hint: "Look at the file and correct it, or set the tags again: muster tag add keeps the file under another name and begins anew.",
  });
}

function parse(text: string): Tags | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value).flatMap(([key, member]: [string, unknown]) =>
    typeof member === "string" ? [[key, member] as const] : [],
  );
  return entries.length === Object.keys(value).length ? Object.fromEntries(entries) : undefined;
}

function invalidKey(key: string): MusterError {
  return new MusterError({
    code: "tag-key-invalid",
    message: `${JSON.stringify(key)} cannot be the key of a tag that muster writes`,
    hint: "Correct `tags: prefix:` in the settings.",
  });
}
