// The lab's own way to moto, as the account's administrator: past the front, its faults and its counts.
import {
  CreateSubnetCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DeleteTagsCommand,
  DescribeInstancesCommand,
  DescribeTagsCommand,
  EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";

import type { Credentials } from "./credentials.ts";
import type { Policy } from "./iam-policy.ts";
import { type Keys, signedForm } from "./sign.ts";

export const account = "123456789012";
export const region = "eu-west-1";

export type Tags = Readonly<Record<string, string>>;

export interface Backstage {
  readonly endpoint: string;
  /** Of the administrator: for SDK clients that go straight to moto. */
  keys(): Keys;
  /** Makes the administrator; at the start, and after moto was reset. */
  prepare(): Promise<void>;
  /** An EC2 instance with that address, in a network of its own; returns its id. */
  runInstance(options: NewInstance): Promise<string>;
  terminate(instanceId: string): Promise<void>;
  tagsOf(instanceId: string): Promise<Tags>;
  /** `running`, `stopped`, `terminated`…; undefined: there never was such an instance. */
  stateOf(instanceId: string): Promise<string | undefined>;
  /** Also with the prefix `aws:`, as AWS itself tags. */
  tag(instanceId: string, tags: Tags): Promise<void>;
  untag(instanceId: string, keys: readonly string[]): Promise<void>;
  /** A role that may do what the policy allows. */
  createRole(name: string, policy: object): Promise<void>;
  /** Keys of a role, as IMDS hands them out; they last as long as is said. */
  assumeRole(name: string, session: string, seconds: number): Promise<Credentials>;
}

export interface NewInstance {
  address: string;
  zone: string;
  imageId: string;
  instanceType: string;
  tags: Tags;
}

const beforehand: Keys = { accessKeyId: "AKIALABBACKSTAGE", secretAccessKey: "not checked yet" };

export function createBackstage(endpoint: string): Backstage {
  let keys = beforehand;

  function ec2(): EC2Client {
    return new EC2Client({ endpoint, region, credentials: keys, requestHandler: { requestTimeout: 20_000 } });
  }

  async function form(service: string, version: string, fields: Readonly<Record<string, string>>): Promise<string> {
    const body = new URLSearchParams({ Version: version, ...fields }).toString();
    const headers = signedForm(endpoint, { service, region, body, keys });
    const response = await fetch(endpoint, { method: "POST", headers, body, signal: AbortSignal.timeout(20_000) });
    const text = await response.text();
    if (!response.ok) throw new Error(`moto answered ${response.status} to ${fields["Action"]}: ${text.slice(0, 500)}`);
    return text;
  }

  const iam = (fields: Readonly<Record<string, string>>) => form("iam", "2010-05-08", fields);

  return {
    endpoint,
    keys: () => keys,
    async prepare() {
      keys = beforehand;
      const UserName = "lab-administrator";
      await iam({ Action: "CreateUser", UserName });
      const PolicyDocument = JSON.stringify(policyAllowing("*"));
      await iam({ Action: "PutUserPolicy", UserName, PolicyName: "everything", PolicyDocument });
      const answer = await iam({ Action: "CreateAccessKey", UserName });
      keys = { accessKeyId: text(answer, "AccessKeyId"), secretAccessKey: text(answer, "SecretAccessKey") };
    },
    async runInstance({ address, zone, imageId, instanceType, tags }) {
      const CidrBlock = address.replace(/\d+$/, "0/24");
      const { Vpc } = await ec2().send(new CreateVpcCommand({ CidrBlock }));
      const subnet = new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock, AvailabilityZone: zone });
      const { Subnet } = await ec2().send(subnet);
      const answer = await ec2().send(
        new RunInstancesCommand({
          ImageId: imageId,
          InstanceType: instanceType as "t3.micro",
          MinCount: 1,
          MaxCount: 1,
          SubnetId: Subnet?.SubnetId,
          PrivateIpAddress: address,
        }),
      );
      const id = answer.Instances?.[0]?.InstanceId;
      if (id === undefined) throw new Error("moto ran no instance");
      await tag(id, tags);
      return id;
    },
    async stateOf(instanceId) {
      const Filters = [{ Name: "instance-id", Values: [instanceId] }];
      const answer = await ec2().send(new DescribeInstancesCommand({ Filters }));
      return answer.Reservations?.[0]?.Instances?.[0]?.State?.Name;
    },
    async terminate(instanceId) {
      await ec2().send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }));
    },
    async tagsOf(instanceId) {
      const command = new DescribeTagsCommand({ Filters: [{ Name: "resource-id", Values: [instanceId] }] });
      const { Tags = [] } = await ec2().send(command);
      return Object.fromEntries(Tags.flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? ""]])));
    },
    tag,
    async untag(instanceId, keys) {
      const Tags = keys.map((Key) => ({ Key }));
      if (Tags.length > 0) await ec2().send(new DeleteTagsCommand({ Resources: [instanceId], Tags }));
    },
    async createRole(RoleName, policy) {
      const AssumeRolePolicyDocument = JSON.stringify(ec2MayAssume);
      await iam({ Action: "CreateRole", RoleName, AssumeRolePolicyDocument });
      const PolicyDocument = JSON.stringify(policy);
      await iam({ Action: "PutRolePolicy", RoleName, PolicyName: "instance", PolicyDocument });
    },
    async assumeRole(name, RoleSessionName, seconds) {
      const RoleArn = `arn:aws:iam::${account}:role/${name}`;
      const answer = await form("sts", "2011-06-15", { Action: "AssumeRole", RoleArn, RoleSessionName });
      return {
        accessKeyId: text(answer, "AccessKeyId"),
        secretAccessKey: text(answer, "SecretAccessKey"),
        sessionToken: text(answer, "SessionToken"),
        expiration: new Date(Date.now() + seconds * 1_000),
      };
    },
  };

  async function tag(instanceId: string, tags: Tags): Promise<void> {
    const wanted = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    if (wanted.length > 0) await ec2().send(new CreateTagsCommand({ Resources: [instanceId], Tags: wanted }));
  }
}

/** What an instance profile may do: `ec2:CreateTags`, or `*`. */
export function policyAllowing(...actions: readonly string[]): Policy {
  return { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }] };
}

const ec2MayAssume = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
};

function text(answer: string, element: string): string {
  const [, found] = new RegExp(`<${element}>([^<]*)</${element}>`).exec(answer) ?? [];
  if (found === undefined) throw new Error(`no ${element} in moto's answer: ${answer.slice(0, 500)}`);
  return found;
}
