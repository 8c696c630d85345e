// The published request limits: a bucket of tokens an account, a region and a kind of call.
import { throttled } from "./faults.ts";
import type { AwsRequest, Handler } from "./handler.ts";

interface Bucket {
  readonly name: string;
  readonly burst: number;
  readonly perSecond: number;
}

export interface TokenBuckets extends Handler {
  /** Off until a test switches it on; switched on, every bucket is full. */
  enabled: boolean;
}

export function createTokenBuckets(now: () => number = () => performance.now()): TokenBuckets {
  const levels = new Map<string, { tokens: number; at: number }>();
  let enabled = false;

  /** Takes a token; false when there is none. */
  function take(key: string, { burst, perSecond }: Bucket): boolean {
    const time = now();
    const { tokens, at } = levels.get(key) ?? { tokens: burst, at: time };
    const filled = Math.min(burst, tokens + ((time - at) / 1_000) * perSecond);
    levels.set(key, { tokens: filled >= 1 ? filled - 1 : filled, at: time });
    return filled >= 1;
  }

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
      const bucket = bucketOf(request);
      if (bucket === undefined || take(`${request.region} ${bucket.name}`, bucket)) return forward();
      return throttled(request);
    },
    reset() {
      enabled = false;
      levels.clear();
    },
  };
}

function bucketOf(request: AwsRequest): Bucket | undefined {
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
function ec2Bucket({ action, params }: AwsRequest): Bucket {
  const name = `ec2 ${action}`;
  if (/^(Create|Delete)Tags$/.test(action)) return { name, burst: 100, perSecond: 10 };
  if (!/^(Describe|Get|List|Search)/.test(action)) return { name, burst: 50, perSecond: 5 };
  const narrowed = [...params.keys()].some((key) => /^(Filter|InstanceId|MaxResults)/.test(key));
  if (action === "DescribeInstances" && !narrowed) return { name: `${name} unfiltered`, burst: 50, perSecond: 10 };
  return { name, burst: 100, perSecond: 20 };
}

/** "Request throttling for the ELB API": each kind of call together. */
function elbBucket({ action }: AwsRequest): Bucket {
  if (action.startsWith("Describe")) return { name: "elbv2 reads", burst: 40, perSecond: 10 };
  if (/^(Deregister|Register)Targets$/.test(action)) return { name: "elbv2 registrations", burst: 20, perSecond: 4 };
  return { name: "elbv2 writes", burst: 20, perSecond: 3 };
}
