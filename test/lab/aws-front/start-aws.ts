// AWS in one call: moto, the front before it, and the metadata service of every instance that was launched.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import type { BootOptions, Lab } from "../lab.ts";
import { type Moto, startMoto } from "../prepare/moto.ts";
import { type Haproxy, startHaproxy } from "../services/haproxy.ts";
import { type AutoScaling, createAutoScaling } from "./auto-scaling.ts";
import { account, type Backstage, createBackstage, policyAllowing, region, type Tags } from "./backstage.ts";
import { createCredentialIssuer } from "./credentials.ts";
import { classicOfMoto } from "./classic-balancers.ts";
import { createEc2 } from "./ec2.ts";
import { createIam } from "./iam.ts";
import type { Policy } from "./iam-policy.ts";
import { createFleet, type EmulatedInstance, type Fleet, type Metadata, usualMetadata } from "./fleet.ts";
import { type Call, type Front, startFront } from "./front.ts";
import { createMetadataService, type MetadataService } from "./metadata-service.ts";
import { createInstanceHealth, type InstanceHealth } from "./instance-health.ts";
import { createResources, type Resources } from "./resources.ts";
import { createRoute53, type Route53 } from "./route53.ts";
import type { WarmState } from "./lifecycle.ts";
import { groupsOfMoto } from "./target-groups.ts";
import { createTargetHealth, type TargetHealth } from "./target-health.ts";
import { carryTraffic } from "./target-traffic.ts";
import { createTokenBuckets, type TokenBuckets } from "./token-buckets.ts";

export interface Aws extends Resources {
  readonly front: Front;
  readonly moto: Moto;
  readonly fleet: Fleet;
  /** Past the front: for what a test prepares and looks up. */
  readonly backstage: Backstage;
  readonly metadata: MetadataService;
  readonly buckets: TokenBuckets;
  readonly autoScaling: AutoScaling;
  readonly targets: TargetHealth;
  /** Of Classic Load Balancers. */
  readonly classic: InstanceHealth;
  readonly route53: Route53;
  /** What clients of the target groups meet. */
  readonly balancer: Haproxy;
  /** Makes an EC2 instance that has not booted yet. */
  launch(options?: LaunchOptions): Promise<EmulatedInstance>;
  /** What it boots with: its address, and where its agent finds AWS. */
  bootOptions(instance: EmulatedInstance): Required<Pick<BootOptions, "host" | "files">>;
  /** Signatures and policies count from now on: the signature by moto, the policies by the front and by moto. */
  enforceIam(): Promise<void>;
  /** What the instance's role has runs out now, and its metadata has nothing better until `credentials` is `ok` again. */
  expireCredentials(instance: EmulatedInstance): Promise<void>;
  /** The calls to AWS's services so far, of one instance or of everyone. */
  calls(instance?: EmulatedInstance): readonly Call[];
}

export interface LaunchOptions {
  tags?: Tags;
  /** What differs from the usual; `tags: false` hides the tags from the metadata. */
  metadata?: Partial<Metadata>;
  /** The role of its instance profile, `web` if not said; `null` for no profile. */
  role?: string | null;
  /** What the role may do, once IAM is enforced: these actions on everything, or these policies; everything, if not said. */
  permissions?: readonly string[];
  policies?: readonly Policy[];
  zone?: string;
  userData?: string;
  publicIpv4?: string;
  ipv6?: string;
  /** The Auto Scaling group that launches it. */
  group?: string;
  /** It is put into the group's warm pool, and kept there in this state. */
  warm?: WarmState;
  /** From `lab.reserveHost`, to take the place of an instance that is gone. */
  host?: number;
}

export interface AwsOptions {
  /** Names of the target groups whose traffic is carried; `web-dev` if not said. */
  balanced?: readonly string[];
  /** A HAProxy that has them as backends; one on the lab's address 7, if not said. */
  balancer?: Haproxy;
  /** What the check intervals and deregistration delays of target groups are multiplied by; 0.1 if not said. */
  targetScale?: number;
}

const hosts = { front: 6, balancer: 7 };
const frontPort = 4566;
const motoPort = 5000;

/** Starts everything on the lab's addresses 6 and 7, and on 169.254.169.254; it ends with the lab. */
export async function startAws(lab: Lab, options: AwsOptions = {}): Promise<Aws> {
  const { balanced = ["web-dev"], targetScale: scale = 0.1 } = options;
  const address = lab.address(hosts.front);
  const dir = join(lab.directory, "aws");
  await mkdir(dir, { recursive: true });
  const moto = await startMoto({ address, port: motoPort, dir });
  lab.onClose(() => moto.stop());
  await moto.reset();
  const backstage = createBackstage(moto.endpoint);
  await backstage.prepare();

  const balancer = options.balancer ?? (await startBalancer(lab, balanced));

  const fleet = createFleet();
  const buckets = createTokenBuckets();
  const issuer = createCredentialIssuer((role, session, seconds) => backstage.assumeRole(role, session, seconds));
  const targets = createTargetHealth({
    groups: groupsOfMoto(backstage),
    instances: { addressOf: (id) => fleet.byId(id)?.address, stateOf: (id) => backstage.stateOf(id) },
    traffic: carryTraffic(balancer, balanced),
    scale,
  });
  const classic = createInstanceHealth({
    groups: classicOfMoto(backstage),
    instances: { addressOf: (id) => fleet.byId(id)?.address, stateOf: (id) => backstage.stateOf(id) },
    traffic: carryTraffic(balancer, balanced),
    scale,
  });
  const autoScaling = createAutoScaling({
    register: (arn, id) => targets.register(arn, [{ id }]),
    deregister: (arn, id) => targets.drain(arn, [{ id }]),
    terminate: (id) => backstage.terminate(id),
  });
  const route53 = createRoute53();
  const iam = createIam({
    holderOf(accessKeyId) {
      const instance = issuer.holderOf(accessKeyId);
      const { role } = instance ?? {};
      return instance && role !== undefined ? { instance, role, groupOf: (id) => autoScaling.groupOf(id) } : undefined;
    },
  });
  const handlers = [buckets, issuer.handler, iam, createEc2(fleet, backstage), targets, classic, autoScaling, route53];
  const front = await startFront({ address, port: frontPort, upstream: moto.endpoint, handlers });
  lab.onClose(() => front.stop());
  const metadata = await createMetadataService(lab.network, fleet, {
    tags: ({ id }) => backstage.tagsOf(id),
    credentials: (instance) => issuer.of(instance),
  });
  lab.onClose(() => metadata.close());
  const hostOf = new Map<string, number>();
  const roles = new Map<string, Promise<void>>();

  async function launch(how: LaunchOptions = {}): Promise<EmulatedInstance> {
    const { group, warm, role = "web", zone = `${region}a`, host = lab.reserveHost() } = how;
    const policies = how.policies ?? [policyAllowing(...(how.permissions ?? ["*"]))];
    const tags = { ...how.tags, ...(group === undefined ? {} : { "aws:autoscaling:groupName": group }) };
    if (role !== null && !roles.has(role)) {
      // moto knows neither resources nor conditions: to it the actions are the policy.
      const actions = policies.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action));
      roles.set(role, backstage.createRole(role, policyAllowing(...actions)));
      if (how.policies !== undefined) iam.setPolicies(role, policies);
    }
    await roles.get(role ?? "");
    const machine = { address: lab.address(host), zone, imageId: "ami-0a1b2c3d4e5f60718", instanceType: "t3.micro" };
    const instance: EmulatedInstance = {
      ...machine,
      id: await backstage.runInstance({ ...machine, tags }),
      account,
      region,
      launchedAt: new Date(),
      role: role ?? undefined,
      userData: how.userData,
      publicIpv4: how.publicIpv4,
      ipv6: how.ipv6,
      metadata: { ...usualMetadata, ...how.metadata },
    };
    hostOf.set(instance.id, host);
    fleet.add(instance);
    if (group !== undefined) autoScaling.launch(group, instance, warm);
    return instance;
  }

  return {
    front,
    moto,
    fleet,
    backstage,
    metadata,
    buckets,
    autoScaling,
    targets,
    classic,
    route53,
    balancer,
    ...createResources(backstage, front.endpoint),
    launch,
    bootOptions(instance) {
      const host = hostOf.get(instance.id);
      if (host === undefined) throw new Error(`${instance.id} was not launched here`);
      return { host, files: agentFiles(front.endpoint) };
    },
    async enforceIam() {
      iam.enforced = true;
      await moto.enforceIam();
    },
    async expireCredentials(instance) {
      instance.metadata.credentials = "expired";
      await issuer.of(instance);
    },
    calls: (instance) => front.calls(instance === undefined ? {} : { sourceAddress: instance.address }),
  };
}

async function startBalancer(lab: Lab, groups: readonly string[]): Promise<Haproxy> {
  const backends = groups.map((name) => ({ name, hosts: [name] }));
  const dir = join(lab.directory, "balancer");
  const balancer = await startHaproxy({ address: lab.address(hosts.balancer), dir, backends });
  lab.onClose(() => balancer.stop());
  return balancer;
}

/** The agent finds everything else as on EC2: region and credentials in the metadata, at the usual address. */
function agentFiles(endpoint: string) {
  const dropIn = `[Service]\nEnvironment=AWS_ENDPOINT_URL=${endpoint}\n`;
  return Object.fromEntries(
    ["muster.service", "muster-leave.service"].map((unit) => [`/etc/systemd/system/${unit}.d/aws.conf`, dropIn]),
  );
}
