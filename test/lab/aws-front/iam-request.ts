// What a service puts to IAM for a request: on which resources, and the context keys that conditions compare.
// Source: "Actions, resources, and condition keys" of Amazon EC2, Elastic Load Balancing (V1 and V2), Amazon Route 53, AWS STS and
// Amazon EC2 Auto Scaling in the AWS Service Authorization Reference; "Using IAM policy conditions for fine-grained access
// control" in the Route 53 Developer Guide (normalized record names).
import type { EmulatedInstance } from "./fleet.ts";
import { type AwsRequest, list, structures } from "./handler.ts";
import type { Asked } from "./iam-policy.ts";
import { readBatch } from "./route53-xml.ts";

export interface Holder {
  /** The instance whose role signed the request. */
  readonly instance: Pick<EmulatedInstance, "id" | "account" | "region">;
  /** The Auto Scaling group that an instance is in. */
  readonly groupOf: (instance: string) => string | undefined;
}

/** One for each resource: all of them have to be allowed. */
export function askedOf(request: AwsRequest, holder: Holder): readonly Asked[] {
  const { service, action } = request;
  const name = `${service}:${action}`;
  const { id, account, region } = holder.instance;
  const caller = { "ec2:SourceInstanceARN": [`arn:aws:ec2:${region}:${account}:instance/${id}`] };
  if (/^(Describe|ListHostedZonesByName$)/.test(action)) return [{ action: name, resource: "*", context: caller }];
  const of = on[name];
  if (of === undefined) throw new Error(`the lab's IAM does not know on what ${name} is`);
  return of(request, holder).map(({ resource, context = {} }) => ({
    action: name,
    resource,
    context: { ...caller, ...context },
  }));
}

type On = (request: AwsRequest, holder: Holder) => readonly OnOne[];
type OnOne = { readonly resource: string; readonly context?: Asked["context"] };

const on: Readonly<Record<string, On>> = {
  "ec2:CreateTags": onTagged,
  "ec2:DeleteTags": onTagged,
  "elasticloadbalancing:RegisterTargets": onTargetGroup,
  "elasticloadbalancing:DeregisterTargets": onTargetGroup,
  "elasticloadbalancing:RegisterInstancesWithLoadBalancer": onClassic,
  "elasticloadbalancing:DeregisterInstancesFromLoadBalancer": onClassic,
  "route53:ListResourceRecordSets": onZone,
  "route53:ChangeResourceRecordSets": onRecords,
  "route53:GetChange": ({ url }) => [{ resource: `arn:aws:route53:::change/${lastOf(url)}` }],
  "sts:AssumeRole": ({ params }) => [{ resource: params.get("RoleArn") ?? "" }],
  "autoscaling:RecordLifecycleActionHeartbeat": onGroup,
  "autoscaling:CompleteLifecycleAction": onGroup,
  "autoscaling:EnterStandby": onGroup,
  "autoscaling:ExitStandby": onGroup,
  "autoscaling:SetInstanceHealth": onGroup,
};

function onTagged({ params }: AwsRequest, { instance: { region, account } }: Holder): readonly OnOne[] {
  const keys = structures(params, "Tag").flatMap(({ Key }) => Key ?? []);
  // Without a tag the request has no such key at all.
  const tags = keys.length === 0 ? {} : { "aws:TagKeys": [...new Set(keys)] };
  return list(params, "ResourceId").map((id) => ({
    resource: `arn:aws:ec2:${region}:${account}:${kindOf(id)}/${id}`,
    context: { ...tags, ...(id.startsWith("i-") ? { "ec2:InstanceID": [id] } : {}) },
  }));
}

function kindOf(id: string): string {
  const kinds: Readonly<Record<string, string>> = { i: "instance", vol: "volume", ami: "image" };
  const kind = kinds[id.split("-")[0] ?? ""];
  if (kind === undefined) throw new Error(`the lab's IAM does not know what ${id} is`);
  return kind;
}

function onTargetGroup({ params }: AwsRequest): readonly OnOne[] {
  return [{ resource: params.get("TargetGroupArn") ?? "" }];
}

function onClassic({ params }: AwsRequest, { instance: { region, account } }: Holder): readonly OnOne[] {
  const name = params.get("LoadBalancerName") ?? "";
  return [{ resource: `arn:aws:elasticloadbalancing:${region}:${account}:loadbalancer/${name}` }];
}

function onZone({ url }: AwsRequest): readonly OnOne[] {
  const [, zone = ""] = /\/hostedzone\/([^/?]+)/.exec(url) ?? [];
  return [{ resource: `arn:aws:route53:::hostedzone/${zone}` }];
}

function onRecords(request: AwsRequest): readonly OnOne[] {
  const batch = readBatch(request.body);
  const changes = typeof batch === "string" ? [] : batch;
  const names = [...new Set(changes.map(({ set }) => normalized(set.name)))];
  const context = { "route53:ChangeResourceRecordSetsNormalizedRecordNames": names };
  return onZone(request).map(({ resource }) => ({ resource, context: names.length === 0 ? {} : context }));
}

/** Small letters, no dot at the end, and in octal what is neither letter, digit, `-`, `_` nor `.`. */
function normalized(name: string): string {
  const plain = name.replaceAll(/\\(\d{3})/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 8)));
  const small = plain.toLowerCase().replace(/\.$/, "");
  return small.replaceAll(/[^a-z0-9\-_.]/g, (character) => {
    return `\\${(character.codePointAt(0) ?? 0).toString(8).padStart(3, "0")}`;
  });
}

function onGroup({ params }: AwsRequest, { instance: { region, account }, groupOf }: Holder): readonly OnOne[] {
  const name = params.get("AutoScalingGroupName") ?? groupOf(params.get("InstanceId") ?? "") ?? "";
  const id = "0a1b2c3d-0000-4000-8000-000000000000";
  return [{ resource: `arn:aws:autoscaling:${region}:${account}:autoScalingGroup:${id}:autoScalingGroupName/${name}` }];
}

function lastOf(url: string): string {
  return url.split("?")[0]?.split("/").at(-1) ?? "";
}
