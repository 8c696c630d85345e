// The policies that the pages give the role of an instance.
import { readFile } from "node:fs/promises";

import { account } from "../../lab/aws-front/backstage.ts";
import type { Policy } from "../../lab/aws-front/iam-policy.ts";

/** The policy that a page of `docs/` shows, word for word. */
export async function policyOfPage(page = "aws.md"): Promise<Policy> {
  const text = await readFile(new URL(`../../../docs/${page}`, import.meta.url), "utf8");
  const [, policy = ""] = /```json\n([^]*?)```/.exec(text) ?? [];
  return JSON.parse(policy) as Policy;
}

/** The same with the account and the zone of the lab in the place of the page's. */
export async function documentedPolicy({ zoneId }: { zoneId: string }, page = "aws.md"): Promise<Policy> {
  const text = JSON.stringify(await policyOfPage(page));
  return JSON.parse(text.replaceAll("111122223333", account).replaceAll("Z0123456789ABCDEFGHIJ", zoneId)) as Policy;
}

/** Every action that the policy speaks of. */
export function actionsOf({ Statement }: Policy): string[] {
  return Statement.flatMap(({ Action }) => Action);
}

/** The policy without one of its actions. */
export function without(policy: Policy, action: string): Policy {
  const Statement = policy.Statement.flatMap((statement) => {
    const left = [statement.Action].flat().filter((one) => one !== action);
    return left.length === 0 ? [] : [{ ...statement, Action: left }];
  });
  return { ...policy, Statement };
}
