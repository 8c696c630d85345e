// The policy that docs/aws.md gives the role of an instance.
import { readFile } from "node:fs/promises";

/** Every action of the policy that the page shows. */
export async function documentedPermissions(): Promise<string[]> {
  const page = await readFile(new URL("../../../docs/aws.md", import.meta.url), "utf8");
  const [, policy = ""] = /```json\n([^]*?)```/.exec(page) ?? [];
  const { Statement } = JSON.parse(policy) as { Statement: { Action: string | string[] }[] };
  return Statement.flatMap(({ Action }) => Action);
}
