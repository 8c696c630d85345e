// What muster sends to AWS, and what docs/aws.md and docs/tags.md say that IAM has to allow.
import { globSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { actionOf, type Described } from "../../../src/adapters/aws/action.ts";
import * as autoScaling from "../../../src/adapters/aws/sdk/auto-scaling.ts";
import * as ec2 from "../../../src/adapters/aws/sdk/ec2.ts";
import * as elb from "../../../src/adapters/aws/sdk/elb.ts";
import * as elbv2 from "../../../src/adapters/aws/sdk/elbv2.ts";
import * as route53 from "../../../src/adapters/aws/sdk/route53.ts";
import * as sts from "../../../src/adapters/aws/sdk/sts.ts";
import { actionsOf, policyOfPage } from "../../e2e/harness/aws-policy.ts";

type Exported = new (input: object) => Described;

/** The commands of each SDK, by the names under which the adapters take them. */
const commands = [autoScaling, ec2, elb, elbv2, route53, sts].flatMap((sdk) =>
  Object.entries(sdk as unknown as Record<string, Exported>).filter(([name]) => name.endsWith("Command")),
);
const sent = commands.map(([name, Command]) => [name, actionOf(new Command({}))] as const);
const actions = [...new Set(sent.map(([, action]) => action))].toSorted();

test("the action of a command is what IAM calls it", () => {
  expect(actions).toEqual([
    "autoscaling:CompleteLifecycleAction",
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeLifecycleHooks",
    "autoscaling:EnterStandby",
    "autoscaling:ExitStandby",
    "autoscaling:RecordLifecycleActionHeartbeat",
    "autoscaling:SetInstanceHealth",
    "ec2:CreateTags",
    "ec2:DeleteTags",
    "ec2:DescribeInstances",
    "ec2:DescribeTags",
    "elasticloadbalancing:DeregisterInstancesFromLoadBalancer",
    "elasticloadbalancing:DeregisterTargets",
    "elasticloadbalancing:DescribeInstanceHealth",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTags",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
    "elasticloadbalancing:RegisterInstancesWithLoadBalancer",
    "elasticloadbalancing:RegisterTargets",
    "route53:ChangeResourceRecordSets",
    "route53:GetChange",
    "route53:ListHostedZonesByName",
    "route53:ListResourceRecordSets",
    "sts:AssumeRole",
  ]);
  for (const [name, action] of sent) expect(`${action.split(":")[1]}Command`).toBe(name);
});

test("docs/aws.md, in its table and in its policy, and docs/tags.md have the actions of what is sent, and no others", async () => {
  const policies = await Promise.all(["aws.md", "tags.md"].map((page) => policyOfPage(page)));
  expect([...new Set(policies.flatMap(actionsOf))].toSorted()).toEqual(actions);
  const [ofBoot, byHand] = policies.map(actionsOf);
  expect(byHand).toContain("ec2:DeleteTags");
  expect(await tableOf("aws.md")).toEqual(ofBoot?.toSorted());
});

test("every command is sent by an adapter, and every action that a text names is one of them", () => {
  const root = resolve(import.meta.dirname, "../../..");
  const files = globSync("src/**/*.ts", { cwd: root });
  const all = files.map((file) => readFileSync(resolve(root, file), "utf8")).join("\n");
  const made = new Set(all.matchAll(/new sdk\.(\w+Command)\(/g).map(([, name = ""]) => name));
  expect([...made].toSorted()).toEqual([...new Set(commands.map(([name]) => name))].toSorted());
  const named = all
    .matchAll(/\b(?:ec2|elasticloadbalancing|autoscaling|route53|sts):[A-Z][a-z]\w+/g)
    .map(([action]) => action);
  expect([...new Set(named)].filter((action) => !actions.includes(action))).toEqual([]);
});

test("what is no command of the SDK has no action", () => {
  expect(() => actionOf({})).toThrow("no schema");
  expect(() => actionOf({ schema: [9, "com.example.ec2", "DescribeTags"] })).toThrow("no schema");
});

/** The actions in the first column of the table under "What the role needs"; a short one has the prefix of its row. */
async function tableOf(page: string): Promise<readonly string[]> {
  const text = await readFile(new URL(`../../../docs/${page}`, import.meta.url), "utf8");
  const section = text.slice(text.indexOf("## What the role needs"), text.indexOf("```json"));
  return section
    .split("\n")
    .flatMap((line) => {
      const [, first = ""] = line.split(" | ", 1).join("").split("| ");
      const [prefix] = /[a-z0-9]+:/.exec(first) ?? [""];
      return [...first.matchAll(/`([a-z0-9]+:)?(\w+)`/g)].map(([, own = prefix, name]) => `${own}${name}`);
    })
    .toSorted();
}
