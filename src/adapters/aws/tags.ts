import type { Tags } from "../../domain/instance.ts";
import { refuseImpossible } from "../../domain/tag-rules.ts";
import type { TagWriter } from "../../ports/tag-writer.ts";
import { countingThrottles } from "./client.ts";
import { call, clientDefaults, type AwsDeps } from "./call.ts";

export type Ec2TagsDeps = AwsDeps & {
  readonly instanceId: (signal: AbortSignal) => Promise<string>;
  /** The instance's tags as they were last read in this run, at no further cost. */
  readonly known: (signal: AbortSignal) => Promise<Tags>;
};

/** The tags of an instance, from EC2, page by page. */
export async function describeTags(deps: AwsDeps, instanceId: string, signal: AbortSignal): Promise<Tags> {
  const { DescribeTagsCommand, EC2Client } = await import("./sdk/ec2.ts");
  const client = countingThrottles(new EC2Client({ ...clientDefaults, region: await deps.region(signal) }));
  const tags: Record<string, string> = {};
  let token: string | undefined;
  do {
    const command = new DescribeTagsCommand({
      Filters: [{ Name: "resource-id", Values: [instanceId] }],
      ...(token === undefined ? {} : { NextToken: token }),
    });
    const page = await call(deps, "ec2:DescribeTags", signal, (options) => client.send(command, options));
    for (const { Key, Value } of page.Tags ?? []) if (Key !== undefined) tags[Key] = Value ?? "";
    token = page.NextToken;
  } while (token !== undefined && token !== "");
  client.destroy();
  return tags;
}

export type Ec2Tags = TagWriter & {
  /** What was written may not be there any more: a person works with tags too. */
  forget(): void;
};

/** Muster's own tags, on the instance itself. */
export function createEc2Tags(deps: Ec2TagsDeps): Ec2Tags {
  /** What this process wrote: newer than what was read before. */
  let written: Tags = {};
  return {
    async read(signal) {
      return { ...(await deps.known(signal)), ...written };
    },
    async write(tags, signal) {
      refuseImpossible(tags, { ...(await deps.known(signal)), ...written });
      const { CreateTagsCommand, EC2Client } = await import("./sdk/ec2.ts");
      const client = countingThrottles(new EC2Client({ ...clientDefaults, region: await deps.region(signal) }));
      const command = new CreateTagsCommand({
        Resources: [await deps.instanceId(signal)],
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      });
      await call(deps, "ec2:CreateTags", signal, (options) => client.send(command, options));
      client.destroy();
      written = { ...written, ...tags };
    },
    forget() {
      written = {};
    },
  };
}
