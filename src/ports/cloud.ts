import type { Dns } from "./dns.ts";
import type { Fleet } from "./fleet.ts";
import type { IdentitySource } from "./identity-source.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { LoadBalancer } from "./load-balancer.ts";
import type { CloudNotices } from "./cloud-notices.ts";
import type { CloudPace } from "./pace.ts";
import type { Registry } from "./registry.ts";
import type { Slots } from "./slots.ts";
import type { TagStore } from "./tag-store.ts";
import type { TagWriter } from "./tag-writer.ts";

/** The ports of one cloud. A service that the machine's settings do not name is absent. */
export type CloudPorts = {
  readonly pace: CloudPace;
  readonly identity: IdentitySource;
  readonly lifecycle: Lifecycle;
  readonly notices: CloudNotices;
  readonly balancer?: LoadBalancer;
  readonly dns?: Dns;
  /** In the zones of `dns`. */
  readonly slots?: Slots;
  /** The instances that live, and the owners in the zones of `dns`: the sweep needs both. */
  readonly fleet?: Fleet;
  readonly registry?: Registry;
  /** Muster's own state tags. */
  readonly tags: TagWriter;
  /** All tags, for people and scripts. */
  readonly tagStore: TagStore;
};
