import type { Instance as Ec2Instance, Tag } from "@aws-sdk/client-ec2";
import { isTransient, reportOf } from "../../domain/errors/errors.ts";
import type { Tags } from "../../domain/instance/instance.ts";
import { refuseImpossible, refuseReserved, refuseUnnamed } from "../../domain/instance/tag-rules.ts";
import { fitsAny, type TagPattern, without } from "../../domain/instance/tag-text.ts";
import type { SeenTags, TaggedInstance, TagStore } from "../../ports/tag-store.ts";
import type { AwsDeps } from "./call.ts";
import { createEc2 } from "./services.ts";
import type { TagCache } from "./tag-cache.ts";
import { describeTags } from "./tags.ts";

export type Ec2TagStoreDeps = AwsDeps & {
  readonly instanceId: (signal: AbortSignal) => Promise<string>;
  /** The tags in the metadata, if it shows them. */
  readonly shown: (signal: AbortSignal) => Promise<Tags | undefined>;
  readonly cache: TagCache;
  /** Called when tags were changed: cached tags are outdated. */
  readonly changed: () => void;
};

/** The longest wait for EC2 if there is another source, in milliseconds. */
const hastyMs = 5_000;

/** The states of existing instances: a terminated one keeps its tags for an hour. */
const states = ["pending", "running", "stopping", "stopped", "shutting-down"];

/** The tags of this instance and of others, by EC2's API. */
export function createEc2TagStore(deps: Ec2TagStoreDeps): TagStore {
  const { cache } = deps;
  const ec2 = createEc2(deps);

  async function fromEc2(id: string, signal: AbortSignal): Promise<SeenTags> {
    const tags = await describeTags(deps, id, signal);
    await cache.keep(id, tags);
    return { tags };
  }

  async function list(signal: AbortSignal): Promise<SeenTags> {
    const id = await deps.instanceId(signal);
    const hasty = AbortSignal.any([signal, AbortSignal.timeout(hastyMs)]);
    try {
      return await fromEc2(id, hasty);
    } catch (error) {
      signal.throwIfAborted();
      const late = hasty.aborted;
      if (!late && !isTransient(error)) throw error;
      const why = late ? `EC2 did not answer within ${hastyMs / 1000} s` : reportOf(error).message;
      const other = await withoutEc2(id, why, signal);
      if (other !== undefined) return other;
      if (late) return await fromEc2(id, signal);
      throw error;
    }
  }

  async function withoutEc2(id: string, why: string, signal: AbortSignal): Promise<SeenTags | undefined> {
    const shown = await deps.shown(signal);
    if (shown !== undefined) return { tags: shown };
    const known = await cache.read(id);
    return known && { tags: known.tags, stale: { asOf: known.at, why } };
  }

  function page(filters: readonly Filter[], token: string | undefined, signal: AbortSignal) {
    const wanted = {
      Filters: [...filters.map(({ name, values }) => ({ Name: name, Values: [...values] }))],
      MaxResults: 1000,
      ...(token === undefined ? {} : { NextToken: token }),
    };
    return ec2.call((sdk) => new sdk.DescribeInstancesCommand(wanted), signal);
  }

  async function instancesWith(pattern: TagPattern, signal: AbortSignal): Promise<readonly TaggedInstance[]> {
    const found: TaggedInstance[] = [];
    let token: string | undefined;
    do {
      const { Reservations = [], NextToken } = await page(filtersOf(pattern), token, signal);
      found.push(...Reservations.flatMap(({ Instances = [] }) => Instances.flatMap(taggedInstance)));
      token = NextToken === "" ? undefined : NextToken;
    } while (token !== undefined);
    // EC2 has more wildcards than muster.
    return found.filter(({ tags }) => fitsAny(tags, [pattern]));
  }

  return {
    list,
    async add(tags, signal) {
      refuseUnnamed(Object.keys(tags));
      refuseImpossible(tags, {});
      const id = await deps.instanceId(signal);
      const { tags: known } = await list(signal);
      refuseImpossible(tags, known);
      const pairs = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      await ec2.call((sdk) => new sdk.CreateTagsCommand({ Resources: [id], Tags: pairs }), signal);
      deps.changed();
      await cache.keep(id, { ...known, ...tags });
    },
    async remove(wanted, signal) {
      refuseUnnamed(wanted.map(({ key }) => key));
      refuseReserved(wanted.map(({ key }) => key));
      const id = await deps.instanceId(signal);
      const pairs = wanted.map(({ key, value }) => ({ Key: key, ...(value === undefined ? {} : { Value: value }) }));
      await ec2.call((sdk) => new sdk.DeleteTagsCommand({ Resources: [id], Tags: pairs }), signal);
      deps.changed();
      const known = await cache.read(id);
      if (known !== undefined) await cache.keep(id, without(known.tags, wanted));
    },
    async find(wanted, signal) {
      const found: TaggedInstance[] = [];
      for (const pattern of wanted) found.push(...(await instancesWith(pattern, signal)));
      const byId = new Map(found.map((instance) => [instance.id, instance]));
      return [...byId.values()].toSorted((one, other) => (one.id < other.id ? -1 : 1));
    },
  };
}

type Filter = { readonly name: string; readonly values: readonly string[] };

/** A superset of the matches: EC2 supports wildcards in values and in `tag-key`, and `?` beside `*`. */
function filtersOf({ key, value }: TagPattern): readonly Filter[] {
  const exists: Filter = { name: "instance-state-name", values: states };
  if (value === undefined || key.includes("*")) return [{ name: "tag-key", values: [escaped(key)] }, exists];
  return [{ name: `tag:${key}`, values: [escaped(value)] }, exists];
}

function escaped(text: string): string {
  return text.replaceAll(/[\\?]/g, String.raw`\$&`);
}

function taggedInstance({ InstanceId, Tags: tags = [] }: Ec2Instance): readonly TaggedInstance[] {
  if (InstanceId === undefined) return [];
  const entries = tags.flatMap(({ Key, Value }: Tag) => (Key === undefined ? [] : [[Key, Value ?? ""] as const]));
  return [{ id: InstanceId, tags: Object.fromEntries(entries) }];
}
