import type { Minimum, RecordType } from "../role/role.ts";
import type { MembershipStage } from "../run/run.ts";
import type { ZoneName } from "./zone.ts";

/** One endpoint of an instance at a balancer, templates rendered. */
export type Target = {
  /** A name; on AWS also an ARN or `tag:KEY=VALUE`. */
  readonly group: string;
  /**
   * Of a Classic Load Balancer `group` is the name, and its listeners say the port. `former-address`: in a group that
   * knows its targets by address, the place at an address that the instance leaves; elsewhere there is none. Absent: a
   * target group.
   */
  readonly balancer?: "classic" | "former-address" | undefined;
  /** The instance has this address no more: it is deregistered before anything else. */
  readonly gone?: true | undefined;
  /** The id of the instance, which balancers of instances use. */
  readonly instance: string;
  /** The name of this member within the group: unique to the instance and port. */
  readonly member: string;
  readonly address: string;
  /** The IPv6 address of an instance whose `address` is an IPv4 one, for groups of that family. */
  readonly ipv6?: string | undefined;
  readonly port: number;
  /** How long the balancer may take to say healthy, in milliseconds. */
  readonly deadlineMs: number;
  /** How long open connections are served after leaving, in milliseconds. */
  readonly drainMs: number;
  /** As its rule says. */
  readonly minimumHealthy?: Minimum | undefined;
  /**
   * What registers it. Absent: the agent. `auto-scaling`: the Auto Scaling group that the target group is
   * attached to, once its launch hook is completed; the agent only waits for its health.
   */
  readonly registeredBy?: "auto-scaling" | undefined;
};

/** Where the targets of an instance are reached. */
export type Reached = Pick<Target, "address" | "ipv6">;

/** One DNS record, templates rendered. Names are absolute, lower case, without a trailing dot. */
export type DnsRecord = ZoneName & {
  readonly name: string;
  readonly type: RecordType;
  readonly ttl: number;
  readonly value: string;
  /**
   * How the record shares its name with records of other instances, if the DNS service supports it (Route 53); the set
   * identifier is the instance id. Absent: a record of its own.
   */
  readonly routing?: Routing | undefined;
  /** The id of the health check of a routed set (Route 53). */
  readonly healthCheck?: string | undefined;
  /**
   * The key of the tag that asks for it; absent: the catalogue does. A tag cannot keep an instance out of service: where
   * another owner holds such a name, the agent reports that, and the instance does without.
   */
  readonly tag?: string | undefined;
};

/** Policies do not mix under one name. */
export type Routing =
  | { readonly policy: "multivalue" }
  /** From 0 (no traffic) to 255. */
  | { readonly policy: "weighted"; readonly weight: number };

/** The endpoints that send users to this instance while it is in service. */
export type Endpoints = {
  readonly targets: readonly Target[];
  readonly records: readonly DnsRecord[];
};

/**
 * What asked for it. An operator's wish outlives a reboot. Every other one ends with its boot: a reason that still holds
 * is found out anew. run/kept-out.ts says which wish overrules which.
 */
export type WishBy =
  | "run"
  /** Out to be patched; comes back with the run that patches. */
  | "patch"
  /** The checks fail in service; comes back once they pass again. */
  | "health"
  /**
   * A departure: the cloud or its Auto Scaling group takes the machine away, or may; undone when that is over. The word
   * on disk is `notice`, of cloud notices and of the group's lifecycle alike.
   */
  | "notice"
  | "shutdown"
  | "operator";

/** The desired state of membership: on disk before the first call, reconciled until the world agrees. */
export type Wish = {
  readonly want: "in" | "out";
  readonly by: WishBy;
  /** One plain sentence for status, tags and the log. */
  readonly reason: string;
  /** ISO 8601. */
  readonly since: string;
  readonly bootId: string;
  /** The owner of the records; absent only where no wish ever had a record. */
  readonly owner?: Owner | undefined;
  /**
   * Where the instance is wanted when `in`; when `out`, where it may still be and is to leave. The key is that of the
   * file and of `muster explain --json`.
   */
  readonly places: Endpoints;
  /** Endpoints of earlier wishes that are to be left and were not yet seen gone. */
  readonly former: Endpoints;
  /** State tags by key without the prefix (`state`, `reason`, `commit`, `run`). */
  readonly tags: Readonly<Record<string, string>>;
  /** Out until the gates have passed again: a join that was interrupted here is continued. */
  readonly joining?: true | undefined;
};

/** One thing that is still to be done, and why. */
export type PendingPart = {
  readonly code: string;
  /** What is left: balancer, names or tags. Absent in what an older binary wrote, and while a pass only waits. */
  readonly stage?: MembershipStage;
  /** The present wait, and the last failure; each place where several of the stage fail. */
  readonly text: string;
};

/** What is still to be done until the endpoints agree with the wish: the first of it, and the others. */
export type Pending = PendingPart & {
  /** The stages after it that are not done either; absent where there are none. */
  readonly others?: readonly PendingPart[];
  /** ISO 8601, both. */
  readonly since: string;
  readonly nextAt: string;
};

/** A balancer's answer about one target, its reason codes in plain words. */
export type TargetState =
  | { readonly kind: "absent" }
  /** Registered; the balancer has not decided yet. */
  | { readonly kind: "starting"; readonly reason: string }
  | { readonly kind: "healthy" }
  | { readonly kind: "unhealthy"; readonly reason: string }
  /** Gets no new connections; `connections` are still open, if the balancer says. */
  | { readonly kind: "draining"; readonly connections?: number }
  /** Registered with another address or port, or switched off: has to be registered anew. */
  | { readonly kind: "wrong"; readonly reason: string };

/** How the balancer checks a target that was just registered and passes every check. Milliseconds. */
export type CheckPace = {
  /** From the registration until the balancer can say healthy. */
  readonly firstMs: number;
  /** From the registration until the balancer says healthy at the latest. */
  readonly lastMs: number;
  /** Between two looks from `firstMs` on: at first, and after many that showed nothing new. */
  readonly shortestMs: number;
  readonly longestMs: number;
};

/** A balancer's answer about a whole group. */
export type GroupHealth = {
  /** Members, this instance and those that drain included. */
  readonly total: number;
  /** Members that the balancer calls healthy, without this instance. */
  readonly healthyOthers: number;
};

/** The state of one record in a zone. */
export type RecordState =
  | { readonly kind: "absent" }
  | { readonly kind: "present" }
  /** Removed, but not yet on every server of the zone: users may still be sent here. */
  | { readonly kind: "withdrawing" }
  /** Ours, but with another value or TTL, or without its ownership TXT. */
  | { readonly kind: "differs"; readonly seen: string }
  /** Held by another owner: never touched. */
  | { readonly kind: "foreign"; readonly owner: string };

/** What the DNS servers of a zone answer of one record, without the zone's API. */
export type DnsVerdict =
  /** As published, with its ownership: a look through the API would show the same. */
  | { readonly kind: "confirmed" }
  /** Users are sent here. An answer does not show the weight of a routed set, its health check and its owner. */
  | { readonly kind: "present" }
  /** The answer is complete and differs. Servers and caches may go on with an older one for so long, in milliseconds. */
  | { readonly kind: "missing"; readonly lateMs: number }
  /** No proof of either: no usable answer, or one that holds only some of the values. */
  | { readonly kind: "unknown"; readonly why: string };

/** The owner of a record, as its ownership TXT names it. */
export type Owner = {
  readonly account: string;
  readonly region: string;
  readonly instance: string;
};
