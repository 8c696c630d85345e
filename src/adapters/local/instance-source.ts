import { hostname } from "node:os";
import { MusterError } from "../../domain/errors/errors.ts";
import type { InstanceFile } from "../../domain/instance/instance.ts";
import type { IdentitySource } from "../../ports/identity-source.ts";
import type { TagWriter } from "../../ports/tag-writer.ts";
import { requireGuarded } from "../host/guarded-file.ts";
import { hostAddresses } from "../host/host-addresses.ts";
import { createKnownFile } from "../host/known-file.ts";

export type InstanceFileDeps = {
  readonly file: string;
  /** Parses the text of a file; the name is for errors. */
  readonly parse: (text: string, file: string) => InstanceFile;
};

/**
 * The present content of the file. @throws MusterError `instance-file-missing`, `instance-file-invalid`,
 * `settings-writable-by-others`
 */
export type InstanceReader = (signal: AbortSignal) => Promise<InstanceFile>;

export function createInstanceReader({ file, parse }: InstanceFileDeps): InstanceReader {
  const read = createKnownFile(file, (text) => {
    requireGuarded(file);
    return parse(text, file);
  });
  return async (signal) => {
    signal.throwIfAborted();
    const found = await read();
    if (found === undefined) throw missing(file);
    return found;
  };
}

/** Identity and tags from a file in place of IMDS; addresses and host name from the machine if the file has none. */
export function createInstanceSource(deps: {
  /** For messages. */
  readonly file: string;
  readonly readInstance: InstanceReader;
  /** The tags that were added by command; those of the file win. */
  readonly added: Pick<TagWriter, "read">;
}): IdentitySource {
  return {
    instanceId: async (signal) => (await deps.readInstance(signal)).id,
    async read(signal) {
      const { tags, addresses, notices: _notices, ...rest } = await deps.readInstance(signal);
      return {
        instance: {
          ...rest,
          cloud: "local",
          addresses: addresses ?? (await hostAddresses(deps.file)),
          hostname: rest.hostname ?? hostname(),
        },
        tags: { ...(await deps.added.read(signal)), ...tags },
      };
    },
    async addresses(signal) {
      return (await deps.readInstance(signal)).addresses ?? (await hostAddresses(deps.file));
    },
    async observe(keys, _mayCall, signal) {
      const { tags } = await deps.readInstance(signal);
      const all = { ...(await deps.added.read(signal)), ...tags };
      return { tags: Object.fromEntries(Object.entries(all).filter(([key]) => keys.has(key))), costsCall: false };
    },
  };
}

function missing(file: string): MusterError {
  return new MusterError({
    code: "instance-file-missing",
    message: `Nothing says who this instance is: ${file} does not exist`,
    hint: `Write ${file} with id, zone and tags; docs/settings.md explains its keys.`,
  });
}
