import { MusterError } from "../../domain/errors/errors.ts";
import type { Tags } from "../../domain/instance/instance.ts";
import { refuseImpossible, refuseReserved } from "../../domain/instance/tag-rules.ts";
import type { TagWriter } from "../../ports/tag-writer.ts";
import type { AwsDeps } from "./call.ts";
import { isNamed } from "./failure.ts";
import { createEc2 } from "./services.ts";

export type Ec2TagsDeps = AwsDeps & {
  readonly instanceId: (signal: AbortSignal) => Promise<string>;
  /** The last read tags of the instance, without another call. */
  readonly known: (signal: AbortSignal) => Promise<KnownTags>;
  /** The tags in the metadata, if it shows them. Absent: it does not. */
  readonly shown?: (signal: AbortSignal) => Promise<Tags | undefined>;
};

/** Tags, and when reading them began, by the monotonic clock. */
export type KnownTags = { readonly tags: Tags; readonly readMs: number };

/** For so long after a write, in milliseconds, the written tags count more than the read ones, which may lag behind. */
const lagMs = 60_000;

/** The tags of an instance, from EC2, page by page. */
export async function describeTags(deps: AwsDeps, instanceId: string, signal: AbortSignal): Promise<Tags> {
  const ec2 = createEc2(deps);
  const tags: Record<string, string> = {};
  let token: string | undefined;
  do {
    const wanted = {
      Filters: [{ Name: "resource-id", Values: [instanceId] }],
      ...(token === undefined ? {} : { NextToken: token }),
    };
    const page = await ec2.call((sdk) => new sdk.DescribeTagsCommand(wanted), signal);
    for (const { Key, Value } of page.Tags ?? []) if (Key !== undefined) tags[Key] = Value ?? "";
    token = page.NextToken;
  } while (token !== undefined && token !== "");
  ec2.close();
  return tags;
}

export type Ec2Tags = TagWriter & {
  /** Written tags may be gone: a person changes tags too. */
  forget(): void;
};

/** Muster's own tags, on the instance itself. */
export function createEc2Tags(deps: Ec2TagsDeps): Ec2Tags {
  /** Tags that this process wrote: newer than the read ones. */
  let written: Tags = {};
  let writtenMs = -Infinity;
  /** The value that was read for a key after it was written. */
  const strange = new Map<string, string | undefined>();
  /** Whether EC2 took a write of this process, or its rehearsal. */
  let allowed = false;

  /**
   * A dry run: EC2 answers `DryRunOperation` where the call is allowed, `UnauthorizedOperation` where it is not
   * (docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html). Another answer says neither.
   */
  async function rehearse(keys: readonly string[], signal: AbortSignal): Promise<void> {
    const ec2 = createEc2(deps);
    const wanted = {
      DryRun: true,
      Resources: [await deps.instanceId(signal)],
      Tags: keys.map((Key) => ({ Key, Value: "" })),
    };
    try {
      await ec2.call((sdk) => new sdk.CreateTagsCommand(wanted), signal);
    } catch (error) {
      if (!(error instanceof MusterError) || error.code !== "aws-refused") throw error;
      if (!isNamed(error.cause, /^DryRunOperation$/)) throw new Error(error.message, { cause: error });
    } finally {
      ec2.close();
    }
    allowed = true;
  }

  async function current(signal: AbortSignal): Promise<Tags> {
    const { tags, readMs } = await deps.known(signal);
    if (readMs > writtenMs + lagMs) written = stillOurs(tags);
    return { ...tags, ...written };
  }

  /**
   * The written value may have been changed or removed. A value that reads the same after it was written again is only
   * another form of it: do not write it every few minutes.
   */
  function stillOurs(seen: Tags): Tags {
    const ours = Object.entries(written).filter(([key, value]) => {
      const again = strange.has(key) && strange.get(key) === seen[key];
      if (seen[key] === value) strange.delete(key);
      else strange.set(key, seen[key]);
      return again || seen[key] === value;
    });
    return Object.fromEntries(ours);
  }

  return {
    read: current,
    async check(keys, signal) {
      refuseReserved(keys);
      const hidden = keys.find((key) => !isShowable(key));
      // Metadata is asked only about a key that it could not show.
      if (hidden !== undefined && (await deps.shown?.(signal)) !== undefined) throw notShowable(hidden);
      if (!allowed) await rehearse(keys, signal);
    },
    async write(tags, signal) {
      refuseImpossible(tags, await current(signal));
      if (Object.keys(tags).length === 0) return;
      const ec2 = createEc2(deps);
      const wanted = {
        Resources: [await deps.instanceId(signal)],
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      };
      await ec2.call((sdk) => new sdk.CreateTagsCommand(wanted), signal);
      ec2.close();
      written = { ...written, ...tags };
      writtenMs = deps.monotonicMs();
      allowed = true;
    },
    forget() {
      written = {};
      strange.clear();
    },
  };
}

/**
 * Where metadata shows tags, EC2 takes no key with another character:
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/work-with-tags-in-IMDS.html
 */
function isShowable(key: string): boolean {
  return /^[A-Za-z0-9+\-=.,_:@]+$/.test(key) && key !== "." && key !== ".." && key !== "_index";
}

function notShowable(key: string): MusterError {
  return new MusterError({
    code: "tags-impossible",
    message: `The tags cannot be written: this instance shows its tags in the metadata, and EC2 takes no key like ${JSON.stringify(key)} there`,
    hint: "Choose a `tags.prefix` without spaces and slashes, or turn InstanceMetadataTags off for the instance.",
  });
}
