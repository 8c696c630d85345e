import type { Identity } from "../../domain/instance/instance.ts";
import type { MusterFact } from "../../ports/engine.ts";

/** The content of the structured fact `muster`; engines and their data see nothing else of muster. */
export function factFor(known: {
  readonly role: string;
  readonly environment: string;
  readonly commit: string;
  readonly identity: Identity;
}): MusterFact {
  const { instance, tags } = known.identity;
  return {
    role: known.role,
    environment: known.environment,
    commit: known.commit,
    instance: {
      id: instance.id,
      cloud: instance.cloud,
      account: instance.account,
      region: instance.region,
      zone: instance.zone,
      hostname: instance.hostname,
      addresses: instance.addresses,
    },
    tags,
  };
}
