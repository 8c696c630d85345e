import { expect, test } from "vitest";

import type { Answer, AwsRequest } from "../../../lab/aws-front/handler.ts";
import { createTokenBuckets } from "../../../lab/aws-front/token-buckets.ts";

const forwarded: Answer = { status: 200, headers: {}, body: "forwarded" };
let time = 0;

function request(operation: string, form = "", region = "eu-west-1"): AwsRequest {
  const [service = "", action = ""] = operation.split(":");
  return {
    ...{ service, action, region, params: new URLSearchParams(form), body: form },
    ...{ accessKeyId: "AKIA", sourceAddress: "10.66.0.16", method: "POST", url: "/", headers: {} },
  };
}

function opened() {
  const buckets = createTokenBuckets(() => time);
  buckets.enabled = true;
  const ask = (...what: Parameters<typeof request>) => buckets.handle(request(...what), async () => forwarded);
  /** How many of so many calls at once got through. */
  async function passed(calls: number, ...what: Parameters<typeof request>): Promise<number> {
    const answers = await Promise.all(Array.from({ length: calls }, () => ask(...what)));
    return answers.filter(({ status }) => status === 200).length;
  }
  return { buckets, ask, passed };
}

test("they are off until a test switches them on", () => {
  expect(createTokenBuckets().match(request("ec2:DescribeTags"))).toBe(false);
  expect(opened().buckets.match(request("ec2:DescribeTags"))).toBe(true);
});

test.each([
  ["ec2:DescribeTags", "Filter.1.Name=key", 100, 20],
  ["ec2:CreateTags", "", 100, 10],
  ["ec2:DescribeInstances", "", 50, 10],
  ["ec2:DescribeInstances", "InstanceId.1=i-1", 100, 20],
  ["ec2:TerminateInstances", "", 50, 5],
  ["elasticloadbalancing:DescribeTargetHealth", "", 40, 10],
  ["elasticloadbalancing:RegisterTargets", "", 20, 4],
  ["route53:GetChange", "", 5, 5],
])("%s %s: a burst of %i, then %i a second", async (operation, form, burst, perSecond) => {
  const { passed } = opened();
  expect(await passed(200, operation, form)).toBe(burst);
  time += 1_000;
  expect(await passed(200, operation, form)).toBe(perSecond);
  time += 3_600_000;
  expect(await passed(200, operation, form), "no more than the burst is saved up").toBe(burst);
});

test("EC2 counts each action, ELB each kind of action, Route 53 everything; each region for itself", async () => {
  const { passed } = opened();
  await passed(200, "ec2:DescribeTags");
  expect(await passed(1, "ec2:DescribeVolumes")).toBe(1);
  expect(await passed(1, "ec2:DescribeTags")).toBe(0);
  expect(await passed(1, "ec2:DescribeTags", "", "us-east-1")).toBe(1);
  await passed(200, "elasticloadbalancing:DescribeTargetHealth");
  expect(await passed(1, "elasticloadbalancing:DescribeTargetGroups")).toBe(0);
  expect(await passed(1, "elasticloadbalancing:RegisterTargets")).toBe(1);
  await passed(200, "route53:GetChange");
  expect(await passed(1, "route53:ChangeResourceRecordSets")).toBe(0);
});

test("a refusal has the name and the status of its service", async () => {
  const { ask, passed } = opened();
  await passed(200, "ec2:CreateTags");
  await passed(200, "route53:GetChange");
  expect(refusal(await ask("ec2:CreateTags"))).toBe("503 RequestLimitExceeded");
  expect(refusal(await ask("route53:GetChange"))).toBe("400 Throttling");
});

function refusal({ status, body }: Answer): string {
  return `${status} ${/<Code>(.*)<\/Code>/.exec(body)?.[1]}`;
}
