// The instances that this AWS knows, and what a test can do to each one's metadata service.

export interface EmulatedInstance {
  readonly id: string;
  /** Its private IPv4 address, by which IMDS and the front know it. */
  readonly address: string;
  readonly account: string;
  readonly region: string;
  readonly zone: string;
  readonly imageId: string;
  readonly instanceType: string;
  readonly launchedAt: Date;
  readonly publicIpv4?: string | undefined;
  readonly ipv6?: string | undefined;
  /** The role of its instance profile; none, if absent. */
  readonly role?: string | undefined;
  readonly userData?: string | undefined;
  /** What its metadata service does and says; a test changes it at will. */
  readonly metadata: Metadata;
}

export interface Metadata {
  /** `InstanceMetadataTags` of the launch: whether tags are shown. */
  tags: boolean;
  /** `forbidden`: switched off for this instance (403). `busy`: the host cannot answer just now (503). */
  token: "ok" | "forbidden" | "busy";
  /** `late`: there are none yet (404). `expired`: those that there are have run out. */
  credentials: "ok" | "late" | "expired";
  /** How long role credentials last that are handed out from now on. */
  credentialSeconds: number;
  /** Only spot instances get notices of interruption and rebalancing. */
  market: "on-demand" | "spot";
  /** A spot interruption notice. */
  spotAction?: { action: "terminate" | "stop" | "hibernate"; time: Date } | undefined;
  /** A rebalance recommendation. */
  rebalance?: Date | undefined;
  maintenance: readonly MaintenanceEvent[];
  /** What Auto Scaling wants of it: `InService`, `Terminated`, `Warmed:Stopped`…; absent outside a group. */
  lifecycle?: string | undefined;
  /** How many more questions about this instance find nothing, by what is asked for. */
  late?: Partial<Record<Late, number>>;
}

/**
 * What AWS may not know yet of a new instance: its target state in the metadata, its tags in EC2, itself in Auto Scaling,
 * and that a hook waits for it. Sources: docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html; tags:
 * github.com/aws-samples/aws-lambda-ddns-function/issues/5, github.com/guardian/amigo/pull/167; hooks:
 * github.com/PrairieLearn/PrairieLearn/pull/15586, github.com/kubernetes/kops/issues/16582.
 */
export type Late = "target" | "tags" | "instance" | "action";

/** Whether this question finds nothing, and counts it. */
export function isLate({ metadata: { late } }: EmulatedInstance, what: Late): boolean {
  const left = late?.[what] ?? 0;
  if (late === undefined || left <= 0) return false;
  late[what] = left - 1;
  return true;
}

export interface MaintenanceEvent {
  readonly NotBefore: string;
  readonly NotAfter: string;
  readonly Code: "instance-reboot" | "system-reboot" | "system-maintenance" | "instance-retirement" | "instance-stop";
  readonly Description: string;
  readonly EventId: string;
  readonly State: "active" | "completed" | "canceled";
}

export const usualMetadata: Readonly<Metadata> = {
  tags: true,
  token: "ok",
  credentials: "ok",
  credentialSeconds: 6 * 3600,
  market: "on-demand",
  maintenance: [],
};

/** Who is there, by id and by address. */
export interface Fleet {
  add(instance: EmulatedInstance): void;
  byId(id: string): EmulatedInstance | undefined;
  /** The last one that was added with this address. */
  byAddress(address: string): EmulatedInstance | undefined;
  clear(): void;
}

export function createFleet(): Fleet {
  const instances: EmulatedInstance[] = [];
  return {
    add: (instance) => void instances.push(instance),
    byId: (id) => instances.findLast((instance) => instance.id === id),
    byAddress: (address) => instances.findLast((instance) => instance.address === address),
    clear: () => void instances.splice(0),
  };
}
