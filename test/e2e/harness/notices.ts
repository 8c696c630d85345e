// What the cloud says that it is about to do, on the local cloud: `notices` of instance.yaml, read every few seconds.
import { parse, stringify } from "yaml";

import type { Instance } from "../../lab/instance.ts";

const file = "/etc/muster/instance.yaml";

/** Takes the place of what was announced before; an empty map takes all of it back. */
export async function announce(instance: Instance, notices: Record<string, unknown>): Promise<void> {
  const known = parse(await instance.readFile(file)) as Record<string, unknown>;
  await instance.writeFile(file, stringify({ ...known, notices }));
}

export function inSeconds(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toISOString();
}
