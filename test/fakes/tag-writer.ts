import type { MusterError } from "../../src/domain/errors/errors.ts";
import type { Tags } from "../../src/domain/instance/instance.ts";
import type { TagWriter } from "../../src/ports/tag-writer.ts";

/** Tags in memory. */
export type FakeTagWriter = TagWriter & {
  /** Every write, in order. */
  readonly writes: readonly Tags[];
  /** Thrown by every call while it is set. */
  trouble: MusterError | undefined;
  current(): Tags;
};

export function createFakeTagWriter(): FakeTagWriter {
  let tags: Tags = {};
  const writes: Tags[] = [];
  const fake: FakeTagWriter = {
    writes,
    trouble: undefined,
    current: () => tags,
    async read(signal) {
      signal.throwIfAborted();
      if (fake.trouble !== undefined) throw fake.trouble;
      return tags;
    },
    async write(written, signal) {
      signal.throwIfAborted();
      if (fake.trouble !== undefined) throw fake.trouble;
      writes.push(written);
      tags = { ...tags, ...written };
    },
  };
  return fake;
}
