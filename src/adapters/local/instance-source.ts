import { hostname } from "node:os";
import { MusterError } from "../../domain/errors.ts";
import type { InstanceFile } from "../../domain/instance.ts";
import type { IdentitySource } from "../../ports/identity-source.ts";
import { readTextFile } from "../host/settings-files.ts";
import { hostAddresses } from "./host-addresses.ts";

/**
 * Identity and tags from a file that stands for IMDS; addresses and host name from the machine where the
 * file leaves them out. The file is read anew every time.
 * @param deps.parse text and file name to what they say
 */
export function createInstanceSource(deps: {
  readonly file: string;
  readonly parse: (text: string, file: string) => InstanceFile;
}): IdentitySource {
  async function readFile(signal: AbortSignal): Promise<InstanceFile> {
    signal.throwIfAborted();
    const found = await readTextFile(deps.file);
    if (found === undefined) throw missing(deps.file);
    return deps.parse(found.text, found.file);
  }

  return {
    instanceId: async (signal) => (await readFile(signal)).id,
    async read(signal) {
      const { tags, addresses, notices: _notices, ...rest } = await readFile(signal);
      return {
        instance: {
          ...rest,
          cloud: "local",
          addresses: addresses ?? (await hostAddresses(deps.file)),
          hostname: rest.hostname ?? hostname(),
        },
        tags,
      };
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
