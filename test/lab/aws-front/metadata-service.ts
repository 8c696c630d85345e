// IMDS as a whole: the server, the address that leads to it, and what can happen to the way there.
import type { Network } from "../network.ts";
import { listenOn } from "../services/network.ts";
import type { EmulatedInstance, Fleet } from "./fleet.ts";
import { createImdsServer } from "./imds.ts";
import { createMetadataNetwork } from "./imds-network.ts";
import type { Sources } from "./metadata-pages.ts";

export interface MetadataRequest {
  readonly instance: string;
  /** As `GET meta-data/instance-id`. */
  readonly request: string;
  readonly status: number;
  readonly at: Date;
}

export interface MetadataService {
  requests(instance?: EmulatedInstance): readonly MetadataRequest[];
  /** For this instance it is not there: `unreachable` says so at once, `blackhole` never. Returns what brings it back. */
  hide(instance: EmulatedInstance, how: "unreachable" | "blackhole"): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export async function createMetadataService(
  network: Network,
  fleet: Fleet,
  sources: Sources,
): Promise<MetadataService> {
  const log: MetadataRequest[] = [];
  const way = await createMetadataNetwork(network);
  const server = createImdsServer(fleet, sources, (request) => void log.push(request));
  const listener = await listenOn(server, await way.listen(80));
  const hidden = new Set<string>();

  async function show(address: string): Promise<void> {
    if (hidden.delete(address)) await way.show(address);
  }

  return {
    requests: (instance) => log.filter((entry) => instance === undefined || entry.instance === instance.id),
    async hide({ address }, how) {
      await show(address);
      await way.hide(address, how);
      hidden.add(address);
      return () => show(address);
    },
    async close() {
      await Promise.all([...hidden].map(show));
      await listener.close();
      await way.close();
    },
  };
}
