// Everything that a run can change, as text: two looks that are equal mean that nothing was.
import type { Instance } from "../../lab/instance.ts";
import { published, serverStates } from "./outside.ts";
import type { World } from "./world.ts";

export async function snapshot(world: World, instance: Instance, options: { state: boolean }) {
  const exec = async (command: string): Promise<string> => (await instance.exec(command)).stdout;
  const sums = (...paths: string[]): Promise<string> =>
    exec(`find ${paths.join(" ")} -type f -print0 2>/dev/null | sort -z | xargs -0r sha256sum`);
  return {
    balancer: await serverStates(world),
    records: await published(world),
    // A write that changes nothing is a write all the same.
    dnsUpdates: (await world.services.dns.updateLog()).length,
    tags: await sums("/var/lib/muster/instance-tags.json"),
    packages: await exec("dpkg-query --show --showformat '${Package} ${Version} ${Status}\\n'"),
    files: await sums("/etc", "/srv", "/usr/local"),
    ...(options.state ? { state: await sums("/var/lib/muster"), lists: await sums("/var/lib/apt/lists") } : {}),
  };
}
