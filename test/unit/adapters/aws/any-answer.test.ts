// Answers of AWS that are good except in one place: each element once absent, empty, unknown, of another type, and twice.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAwsBalancer } from "../../../../src/adapters/aws/balancers.ts";
import { describeAttached, describeHooks, describeInstance } from "../../../../src/adapters/aws/describe-group.ts";
import { createEc2Fleet } from "../../../../src/adapters/aws/fleet.ts";
import { listNames } from "../../../../src/adapters/aws/route53-listing.ts";
import { keepZones } from "../../../../src/adapters/aws/route53-zones.ts";
import { type Route53, createAutoScaling, createElbV2 } from "../../../../src/adapters/aws/services.ts";
import { createEc2TagStore } from "../../../../src/adapters/aws/tag-store.ts";
import { describeTags } from "../../../../src/adapters/aws/tags.ts";
import { createTargetGroups } from "../../../../src/adapters/aws/target-groups.ts";
import { MusterError } from "../../../../src/domain/errors/errors.ts";
import type { Target } from "../../../../src/domain/membership/membership.ts";
import { fields, members, startAws, type AwsServer } from "./aws-server.ts";

const { signal } = new AbortController();
const arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef";
const items = (list: readonly string[]) => list.map((one) => `<item>${one}</item>`).join("");
const tag = (tagName: string, value: string) => fields({ key: tagName, value });

const target: Target = {
  ...{ group: "web", instance: "i-1", member: "i-1-80", address: "10.0.0.1", port: 80 },
  ...{ deadlineMs: 1_000, drainMs: 0 },
};
const classic: Target = { ...target, balancer: "classic" };

function targetHealth(id: string, state: string): string {
  return `<Target>${fields({ Id: id, Port: "80" })}</Target><TargetHealth>${fields({ State: state, Reason: "Target.Timeout", Description: "d" })}</TargetHealth>`;
}

const instance = (id: string, name: string) =>
  `<instanceId>${id}</instanceId><instanceState>${fields({ code: "16", name })}</instanceState><tagSet>${items([tag("role", "web"), tag("empty", "")])}</tagSet>`;

const record = (type: string, value: string) =>
  `<ResourceRecordSet>${fields({ Name: "web.example.test.", Type: type, TTL: "60", SetIdentifier: "i-1", MultiValueAnswer: "true" })}<ResourceRecords><ResourceRecord>${fields({ Value: value })}</ResourceRecord></ResourceRecords></ResourceRecordSet>`;

/** Good answers, recorded from the API references' examples and reduced to what is read and a little around it. */
const good: Readonly<Record<string, string>> = {
  DescribeTargetGroups: `<TargetGroups>${members([fields({ TargetGroupArn: arn, TargetGroupName: "web", TargetType: "instance", HealthCheckProtocol: "HTTP", HealthCheckPort: "80", HealthCheckPath: "/" }) + "<Matcher><HttpCode>200</HttpCode></Matcher>"])}</TargetGroups>`,
  DescribeTargetHealth: `<TargetHealthDescriptions>${members([targetHealth("i-1", "unhealthy"), targetHealth("i-2", "unhealthy")])}</TargetHealthDescriptions>`,
  DescribeInstanceHealth: `<InstanceStates>${members(["i-1", "i-2"].map((id) => fields({ InstanceId: id, State: "OutOfService", ReasonCode: "Instance", Description: "Instance has failed at least the UnhealthyThreshold number of health checks consecutively." })))}</InstanceStates>`,
  DescribeLoadBalancers: `<LoadBalancerDescriptions>${members(["<LoadBalancerName>web</LoadBalancerName><HealthCheck><Target>HTTP:80/</Target></HealthCheck>"])}</LoadBalancerDescriptions>`,
  DescribeInstances: `<reservationSet>${items([`<instancesSet>${items([instance("i-1", "running"), instance("i-2", "running")])}</instancesSet>`])}</reservationSet>`,
  DescribeAutoScalingInstances: `<AutoScalingInstances>${members([fields({ InstanceId: "i-1", AutoScalingGroupName: "web", LifecycleState: "InService" })])}</AutoScalingInstances>`,
  DescribeAutoScalingGroups: `<AutoScalingGroups>${members([`<AutoScalingGroupName>web</AutoScalingGroupName><TargetGroupARNs>${members([arn])}</TargetGroupARNs><TrafficSources>${members([fields({ Identifier: arn, Type: "elbv2" })])}</TrafficSources>`])}</AutoScalingGroups>`,
  DescribeLifecycleHooks: `<LifecycleHooks>${members(["LAUNCHING", "TERMINATING"].map((word) => fields({ LifecycleHookName: word, LifecycleTransition: `autoscaling:EC2_INSTANCE_${word}`, HeartbeatTimeout: "60", GlobalTimeout: "6000", DefaultResult: "ABANDON" })))}</LifecycleHooks>`,
  "GET /2013-04-01/hostedzonesbyname": `<ListHostedZonesByNameResponse><HostedZones><HostedZone>${fields({ Id: "/hostedzone/Z1", Name: "example.test.", CallerReference: "r" })}<Config><PrivateZone>false</PrivateZone></Config></HostedZone></HostedZones><IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></ListHostedZonesByNameResponse>`,
  "GET /2013-04-01/hostedzone/Z1/rrset": `<ListResourceRecordSetsResponse><ResourceRecordSets>${record("A", "10.0.0.1")}${record("TXT", '"a"')}${record("CNAME", "b.example.test")}</ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>300</MaxItems></ListResourceRecordSetsResponse>`,
};

const tagsAnswer = `<tagSet>${items([`<resourceId>i-1</resourceId>${tag("role", "web")}`, `<resourceId>i-1</resourceId>${tag("empty", "")}`])}</tagSet>`;
const tagDescriptions = `<TagDescriptions>${members([`<ResourceArn>${arn}</ResourceArn><Tags>${members([fields({ Key: "a", Value: "b" })])}</Tags>`])}</TagDescriptions>`;

/** For what a changed id leads to. */
const nothingThere = { status: 404, code: "NoSuchHostedZone" };

/** What is read, with the answers that it reads besides `good`. */
type Reader = {
  readonly answers?: Readonly<Record<string, string>>;
  readonly read: (aws: AwsServer) => Promise<unknown>;
};

const cache = { read: async () => undefined, keep: async () => undefined };

const readers: Readonly<Record<string, Reader>> = {
  "the tags of an instance": {
    answers: { DescribeTags: tagsAnswer },
    read: ({ deps }) => describeTags(deps, "i-1", signal),
  },
  "instances by tag": {
    read: ({ deps }) => {
      const store = createEc2TagStore({
        ...{ ...deps, cache, changed() {} },
        instanceId: async () => "i-1",
        shown: async () => undefined,
      });
      return store.find([{ key: "role" }], signal);
    },
  },
  "which instances live": {
    read: ({ deps }) => createEc2Fleet({ ...deps, instanceId: async () => "i-1" }).observe(["i-2"], signal),
  },
  "a target": { read: ({ deps }) => createAwsBalancer(deps).observe(target, signal) },
  "how a target group fares": { read: ({ deps }) => createAwsBalancer(deps).groupHealth(target, signal) },
  "the members of a target group": { read: ({ deps }) => createAwsBalancer(deps).roster(target, signal) },
  "a target group by its tag": {
    answers: { DescribeTags: tagDescriptions },
    read: ({ deps }) => createTargetGroups(createElbV2(deps)).find("tag:a=b", signal),
  },
  "an instance of a Classic Load Balancer": { read: ({ deps }) => createAwsBalancer(deps).observe(classic, signal) },
  "how a Classic Load Balancer fares": { read: ({ deps }) => createAwsBalancer(deps).groupHealth(classic, signal) },
  "the place in a group": { read: ({ deps }) => describeInstance(createAutoScaling(deps), "i-1", signal) },
  "the hooks of a group": { read: ({ deps }) => describeHooks(createAutoScaling(deps), "web", signal) },
  "what is attached to a group": { read: ({ deps }) => describeAttached(createAutoScaling(deps), "web", signal) },
  "the record sets of a name": {
    read: async ({ deps }) => {
      const { within } = keepZones(deps);
      const work = (id: string, api: Route53) => listNames(api, id, ["web.example.test"], signal);
      return await within({ zone: "example.test" }, signal, work);
    },
  },
};

/** The document with one element changed, once for each element and each way. */
function mutations(document: string): readonly { readonly document: string; readonly isLeaf: boolean }[] {
  const elements = [...document.matchAll(/<(\w+)>/g)].map(({ 1: name = "", index }) => {
    const end = closeOf(document, name, index);
    return { name, index, end, whole: document.slice(index, end) };
  });
  const put = ({ index, end }: { index: number; end: number }, text: string) =>
    document.slice(0, index) + text + document.slice(end);
  return elements.flatMap((one) => {
    const isLeaf = one.whole.indexOf("</") === one.whole.indexOf("<", 1);
    const others = ["", "/", " ", "Never.Heard", "<Odd><Odd>1</Odd></Odd>", "null"].map((text) => {
      if (text === "") return "";
      return text === "/" ? `<${one.name}/>` : `<${one.name}>${text}</${one.name}>`;
    });
    return [...others, one.whole + one.whole].map((text) => ({ document: put(one, text), isLeaf }));
  });
}

/** Where the element that begins at `from` ends; elements of one name may be nested. */
function closeOf(document: string, name: string, from: number): number {
  let depth = 0;
  for (const { 0: found, index } of document.slice(from).matchAll(new RegExp(`</?${name}>`, "g"))) {
    depth += found.startsWith("</") ? -1 : 1;
    if (depth === 0) return from + index + found.length;
  }
  throw new Error(`${name} has no end`);
}

let aws: AwsServer;

beforeAll(async () => void (aws = await startAws()));
afterAll(() => aws.close());

test.each(Object.entries(readers))(
  "%s: any place of the answer may be odd",
  async (_, { answers, read }) => {
    const all = { ...good, ...answers };
    const asked = new Set<string>();
    aws.answer = (action) => {
      asked.add(action);
      return all[action] ?? nothingThere;
    };
    const whole = await read(aws);
    expect(asked.size).toBeGreaterThan(0);
    const wrong: string[] = [];
    for (const odd of asked) {
      for (const { document, isLeaf } of mutations(all[odd] ?? "")) {
        aws.answer = (action) => (action === odd ? document : (all[action] ?? nothingThere));
        const result = await read(aws).catch((error: unknown) => error);
        const why = objectionTo(result, whole, isLeaf);
        if (why !== undefined) wrong.push(`${why}: ${document}`);
      }
    }
    expect(wrong).toEqual([]);
  },
  60_000,
);

/**
 * The good answers hold nothing healthy and nothing terminated, and no odd place makes it so. A field that is odd costs
 * no more than its own entry.
 */
function objectionTo(result: unknown, whole: unknown, isLeaf: boolean): string | undefined {
  if (result instanceof MusterError) return undefined;
  if (result instanceof Error) return String(result.stack);
  const shown = JSON.stringify(result instanceof Map ? [...result] : result);
  if (/"kind":"healthy"|"healthyOthers":[1-9]|"terminated"/.test(shown)) return shown;
  if (result !== undefined && typeof result !== typeof whole) return shown;
  return isLeaf && entriesOf(result) < entriesOf(whole) - 1 ? `fewer entries, ${shown}` : undefined;
}

function entriesOf(result: unknown): number {
  if (result instanceof Map) return [...result.values()].flat().length;
  return typeof result === "object" && result !== null && !("kind" in result) ? Object.keys(result).length : 1;
}
