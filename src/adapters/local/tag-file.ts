import { MusterError } from "../../domain/errors.ts";
import type { Tags } from "../../domain/instance.ts";
import type { StateFiles } from "../../ports/state-files.ts";
import type { TagWriter } from "../../ports/tag-writer.ts";

const file = "instance-tags.json";

/**
 * The tags that muster writes on an instance outside a cloud: a file in the state directory, because the
 * operator's `/etc/muster/instance.yaml` is the operator's. One that cannot be read is set aside and
 * written anew: it holds nothing that the reconciler does not know.
 */
export function createTagFile(deps: { readonly files: StateFiles }): TagWriter {
  const { files } = deps;
  async function read(): Promise<Tags | undefined> {
    const text = await files.read(file);
    return text === undefined ? {} : parse(text);
  }
  return {
    async read(signal) {
      signal.throwIfAborted();
      return (await read()) ?? {};
    },
    async write(tags, signal) {
      signal.throwIfAborted();
      const reserved = Object.keys(tags).find((key) => key.startsWith("aws:") || key === "");
      if (reserved !== undefined) throw invalidKey(reserved);
      const before = await read();
      if (before === undefined) await files.setAside(file);
      await files.write(file, `${JSON.stringify({ ...before, ...tags }, undefined, 2)}\n`);
    },
  };
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
