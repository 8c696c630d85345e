// The policies that the pages give the role of an instance.
import { readFile } from "node:fs/promises";

/** Every action of the policy that a page of `docs/` shows. */
export async function documentedPermissions(page = "aws.md"): Promise<string[]> {
  const text = await readFile(new URL(`../../../docs/${page}`, import.meta.url), "utf8");
  const [, policy = ""] = /```json\n([^]*?)```/.exec(text) ?? [];
  const { Statement } = JSON.parse(policy) as { Statement: { Action: string | string[] }[] };
  return Statement.flatMap(({ Action }) => Action);
}
