// The published request limits: a bucket of tokens an account, a region and a kind of call.
import { throttled } from "./faults.ts";
import type { Handler } from "./handler.ts";

export interface Bucket {
  readonly name: string;
  readonly burst: number;
  readonly perSecond: number;
}

/** What decides which bucket a request takes from. */
export interface Asked {
  readonly service: string;
  readonly action: string;
  /** Whether filters, ids or a page size narrow it down. */
  readonly narrowed: boolean;
}

export interface Levels {
  /** Takes a token; false when there is none. */
  take(key: string, bucket: Bucket): boolean;
  clear(): void;
}

/** How full each bucket is, by key. */
export function createLevels(now: () => number): Levels {
  const levels = new Map<string, { tokens: number; at: number }>();
  return {
    take(key, { burst, perSecond }) {
      const time = now();
      const { tokens, at } = levels.get(key) ?? { tokens: burst, at: time };
      const filled = Math.min(burst, tokens + ((time - at) / 1_000) * perSecond);
      levels.set(key, { tokens: filled >= 1 ? filled - 1 : filled, at: time });
      return filled >= 1;
    },
    clear: () => levels.clear(),
  };
}

export interface TokenBuckets extends Handler {
  /** Off until a test switches it on; switched on, every bucket is full. */
  enabled: boolean;
}

export function createTokenBuckets(now: () => number = () => performance.now()): TokenBuckets {
  const levels = createLevels(now);
  let enabled = false;

  return {
    name: "token buckets",
    get enabled() {
      return enabled;
    },
    set enabled(value) {
      enabled = value;
      levels.clear();
    },
    match: () => enabled,
    async handle(request, forward) {
      const { service, action, params } = request;
      const narrowed = [...params.keys()].some((key) => /^(Filter|InstanceId|MaxResults)/.test(key));
      const bucket = bucketOf({ service, action, narrowed });
      if (bucket === undefined || levels.take(`${request.region} ${bucket.name}`, bucket)) return forward();
      return throttled(request);
    },
    reset() {
      enabled = false;
      levels.clear();
    },
  };
}

/** The bucket that a request takes from; undefined where none is published. */
export function bucketOf(request: Asked): Bucket | undefined {
  switch (request.service) {
    case "ec2":
      return ec2Bucket(request);
    case "elasticloadbalancing":
      return elbBucket(request);
    case "route53":
      // "Quotas" in the Route 53 Developer Guide: an account, all its calls together.
      return { name: "route53", burst: 5, perSecond: 5 };
    default:
      return undefined;
  }
}

/** "Request throttling for the Amazon EC2 API": each action by itself. */
function ec2Bucket({ action, narrowed }: Asked): Bucket {
  const name = `ec2 ${action}`;
  if (/^(Create|Delete)Tags$/.test(action)) return { name, burst: 100, perSecond: 10 };
  if (!/^(Describe|Get|List|Search)/.test(action)) return { name, burst: 50, perSecond: 5 };
  if (action === "DescribeInstances" && !narrowed) return { name: `${name} unfiltered`, burst: 50, perSecond: 10 };
  return { name, burst: 100, perSecond: 20 };
}

/** "Request throttling for the ELB API": each kind of call together. */
function elbBucket({ action }: Asked): Bucket {
  if (action.startsWith("Describe")) return { name: "elbv2 reads", burst: 40, perSecond: 10 };
  if (/^(Deregister|Register)Targets$/.test(action)) return { name: "elbv2 registrations", burst: 20, perSecond: 4 };
  return { name: "elbv2 writes", burst: 20, perSecond: 3 };
}
