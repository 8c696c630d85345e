import type { MusterError } from "../../src/domain/errors/errors.ts";
import type { Tags } from "../../src/domain/instance/instance.ts";
import { refuseImpossible, refuseReserved, refuseUnnamed } from "../../src/domain/instance/tag-rules.ts";
import { fitsAny, without } from "../../src/domain/instance/tag-text.ts";
import type { SeenTags, TagStore } from "../../src/ports/tag-store.ts";

/** Tags in memory, of this instance and of others. */
export type FakeTagStore = TagStore & {
  tags: Tags;
  /** Said with every list while it is set. */
  stale: SeenTags["stale"];
  /** Thrown by every call while it is set. */
  trouble: MusterError | undefined;
  /** Other instances by their id. */
  others: Readonly<Record<string, Tags>>;
  /** `add a=1`, `remove a`, in order. */
  readonly calls: readonly string[];
};

export function createFakeTagStore(id = "i-1", initial: Tags = {}): FakeTagStore {
  const calls: string[] = [];
  function begin(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (fake.trouble !== undefined) throw fake.trouble;
  }
  const fake: FakeTagStore = {
    tags: initial,
    stale: undefined,
    trouble: undefined,
    others: {},
    calls,
    async list(signal) {
      begin(signal);
      return { tags: fake.tags, ...(fake.stale === undefined ? {} : { stale: fake.stale }) };
    },
    async add(tags, signal) {
      begin(signal);
      refuseUnnamed(Object.keys(tags));
      refuseImpossible(tags, fake.tags);
      calls.push(...Object.entries(tags).map(([key, value]) => `add ${key}=${value}`));
      fake.tags = { ...fake.tags, ...tags };
    },
    async remove(wanted, signal) {
      begin(signal);
      refuseUnnamed(wanted.map(({ key }) => key));
      refuseReserved(wanted.map(({ key }) => key));
      calls.push(...wanted.map(({ key, value }) => `remove ${key}${value === undefined ? "" : `=${value}`}`));
      fake.tags = without(fake.tags, wanted);
    },
    async find(wanted, signal) {
      begin(signal);
      const all = Object.entries({ ...fake.others, [id]: fake.tags });
      return all.flatMap(([each, tags]) => (fitsAny(tags, wanted) ? [{ id: each, tags }] : [])).toSorted(byId);
    },
  };
  return fake;
}

function byId(one: { readonly id: string }, other: { readonly id: string }): number {
  return one.id < other.id ? -1 : 1;
}
