import type { LogNoticeCode } from "../../domain/errors/error-codes.ts";
import { refuseMalformed, said } from "../../domain/settings/environment-values.ts";
import type { CloudCall } from "../../domain/run/events.ts";
import type { Identity, Tags } from "../../domain/instance/instance.ts";
import type { CredentialSourceName } from "../../domain/settings/settings.ts";
import type { Clock } from "../../ports/clock.ts";
import type { CloudPorts } from "../../ports/cloud.ts";
import type { StateFiles } from "../../ports/state-files.ts";
import type { AssumedRole } from "../../domain/membership/zone.ts";
import { createAssumedRole } from "./assumed-role.ts";
import { createAwsBalancer } from "./balancers.ts";
import type { AwsDeps } from "./call.ts";
import { createCredentialSource } from "./credentials.ts";
import { createEc2Fleet } from "./fleet.ts";
import type { Proxies } from "../host/proxies.ts";
import { readResolvers } from "../host/dns/resolvers.ts";
import { kernelAddresses } from "../host/host-addresses.ts";
import { createAwsIdentitySource, readDocument, readShownTags, readVpc } from "./identity-source.ts";
import type { IdentityDocument } from "./identity-document.ts";
import { createImds, imdsEndpointOf } from "./imds.ts";
import { createLateness, tagsLateMs } from "./lateness.ts";
import { createAwsLifecycle } from "./lifecycle.ts";
import { createAwsNotices } from "./notices.ts";
import { awsPace } from "./pace.ts";
import { createRoute53Registry } from "./route53-registry.ts";
import { createRoute53Check } from "./route53-verify.ts";
import { createRoute53Slots } from "./route53-slots.ts";
import { keepZones } from "./route53-zones.ts";
import { createRoute53 } from "./route53.ts";
import { fenceSdk } from "./sdk-fence.ts";
import { createTagCache } from "./tag-cache.ts";
import { createEc2TagStore } from "./tag-store.ts";
import { createUnknownValues } from "./unknown-values.ts";
import { createVanishedTags } from "./vanished-tags.ts";
import { createEc2Tags, describeTags, type KnownTags } from "./tags.ts";

export type AwsCloudDeps = {
  /** Endpoints and region follow the SDK's standard variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For calls, and never for the metadata; absent: none. */
  readonly proxies?: Proxies;
  /** Of the settings: the role of the instance alone, or whatever the SDK's chain finds first. */
  readonly credentials: CredentialSourceName;
  /** `lifecycle.hooks` of the settings. */
  readonly hooks?: readonly string[] | undefined;
  readonly files: StateFiles;
  readonly clock: Clock;
  /** `tags.prefix` of the settings. */
  readonly tagPrefix: string;
  readonly onCall: (call: CloudCall) => void;
  /** Reports a notice that does not stop the work. */
  readonly onWarning: (code: LogNoticeCode, text: string) => void;
};

/** How long read tags are good enough to compare with, in milliseconds: less than one interval. */
const rereadMs = 3 * 60_000;

/** For the second look at the metadata after a denied call, in milliseconds. */
const identityMs = 5_000;

/**
 * An EC2 instance: IMDS is its identity; target groups, Route 53 and its own tags are its endpoints.
 * @throws MusterError `environment-malformed`
 */
export function createAwsCloud({
  env,
  proxies,
  credentials,
  hooks,
  files,
  clock,
  tagPrefix,
  onCall,
  onWarning,
}: AwsCloudDeps): CloudPorts {
  refuseMalformed(env);
  fenceSdk(credentials);
  const imds = createImds({ endpoint: imdsEndpointOf(env), clock });
  let document: IdentityDocument | undefined;
  let last: KnownTags | undefined;

  async function documentOf(signal: AbortSignal): Promise<IdentityDocument> {
    document ??= await readDocument(imds, signal);
    return document;
  }

  const instanceId = async (signal: AbortSignal) => (await documentOf(signal)).instanceId;
  const region = async (signal: AbortSignal) =>
    said(env, "AWS_REGION") ?? said(env, "AWS_DEFAULT_REGION") ?? (await documentOf(signal)).region;
  const refusals = { count: 0 };
  const [attempts, authorities] = [said(env, "AWS_MAX_ATTEMPTS"), said(env, "AWS_CA_BUNDLE")];
  const transport = {
    ...(proxies === undefined ? {} : { proxies }),
    ...(authorities === undefined ? {} : { authorities }),
  };
  /** In words, where the metadata names another instance than before; the next call is about that one. */
  async function lookAgain(signal: AbortSignal): Promise<string | undefined> {
    const before = document;
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(identityMs)]);
    const now = await readDocument(imds, bounded).catch(() => undefined);
    signal.throwIfAborted();
    if (now === undefined || before === undefined || now.instanceId === before.instanceId) return undefined;
    document = now;
    last = undefined;
    return `the metadata names instance ${now.instanceId} now, not ${before.instanceId}`;
  }

  const onUnknown = createUnknownValues(onWarning);
  const aws: AwsDeps = {
    region,
    lookAgain,
    onUnknown,
    onCall,
    monotonicMs: () => clock.monotonicMs(),
    ...(attempts === undefined ? {} : { maxAttempts: Number(attempts) }),
    transport,
    credentials: createCredentialSource(credentials, { imds, refusals, region, transport, now: () => clock.now() }),
    refusals,
  };
  const cache = createTagCache(files, () => clock.now());
  const source = createAwsIdentitySource({
    imds,
    describeTags: (id, signal) => remembering(id, () => describeTags(aws, id, signal)),
    cache,
    hostAddresses: kernelAddresses,
    onWarning,
    tagPrefix,
    isLate: createLateness(clock, tagsLateMs),
  });

  const isLate = createLateness(clock);
  const refuseVanished = createVanishedTags(clock);

  async function read(signal: AbortSignal): Promise<Identity> {
    const readMs = clock.monotonicMs();
    const identity = await source.read(signal);
    last = { tags: identity.tags, readMs: identity.tagsAsOf === undefined ? readMs : -Infinity };
    return identity;
  }

  async function remembering(id: string, ask: () => Promise<Tags>): Promise<Tags> {
    const readMs = clock.monotonicMs();
    const tags = await ask();
    refuseVanished(tags, last?.tags ?? (await cache.read(id))?.tags);
    last = { tags, readMs };
    return tags;
  }

  /** The last read tags, or those of the metadata since: no call to EC2 for this alone. */
  async function knownTags(signal: AbortSignal): Promise<KnownTags> {
    const before = last;
    if (before === undefined) return { tags: (await read(signal)).tags, readMs: -Infinity };
    const readMs = clock.monotonicMs();
    if (readMs - before.readMs < rereadMs) return before;
    const shown = await readShownTags(imds, signal).catch(() => undefined);
    signal.throwIfAborted();
    if (shown === undefined) return before;
    last = { tags: shown, readMs };
    return last;
  }

  /** What calls in a role of another account are made with: credentials of its own, and their refusals. */
  function inRole(role: AssumedRole): AwsDeps {
    const ofRole = { count: 0 };
    const source = createAssumedRole({ aws, role, instanceId, now: () => clock.now(), refusals: ofRole });
    return { ...aws, credentials: source, refusals: ofRole };
  }

  const tags = createEc2Tags({ ...aws, instanceId, known: knownTags, shown: (signal) => readShownTags(imds, signal) });
  const zones = keepZones(aws, files, inRole);
  return {
    pace: awsPace,
    identity: { ...source, read },
    lifecycle: createAwsLifecycle({
      ...{ ...aws, imds, instanceId, hooks },
      tags: () => last?.tags,
      mayBeLate: async (signal) => isLate(await documentOf(signal)),
    }),
    notices: createAwsNotices({ imds, clock, onWarning, onUnknown }),
    balancer: createAwsBalancer({ ...aws, vpc: (signal) => readVpc(imds, signal) }),
    dns: createRoute53({
      ...{ ...aws, zones, clock, onWarning },
      verify: createRoute53Check({ clock, resolvers: readResolvers }),
    }),
    fleet: createEc2Fleet({ ...aws, instanceId }),
    registry: createRoute53Registry({ zones, clock }),
    slots: createRoute53Slots({ zones, clock }),
    tags,
    tagStore: createEc2TagStore({
      ...{ ...aws, instanceId, cache },
      shown: (signal) => readShownTags(imds, signal),
      changed() {
        last = undefined;
        tags.forget();
      },
    }),
  };
}
