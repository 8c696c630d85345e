import { MusterError } from "../domain/errors.ts";
import { refuseUnnamed } from "../domain/tag-rules.ts";
import type { TagStore } from "../ports/tag-store.ts";

/**
 * Tags as somebody may work with them who is not root: what steers muster, and what muster says of itself, is only read.
 * @param prefix what the keys of muster's tags begin with
 */
export function guardTags(store: TagStore, prefix: string): TagStore {
  return {
    ...store,
    async add(tags, signal) {
      refuseOwn(Object.keys(tags), prefix);
      await store.add(tags, signal);
    },
    async remove(wanted, signal) {
      refuseOwn(
        wanted.map(({ key }) => key),
        prefix,
      );
      await store.remove(wanted, signal);
    },
  };
}

/** A change that names no tag may mean all of them further down, muster's own included. */
function refuseOwn(keys: readonly string[], prefix: string): void {
  refuseUnnamed(keys);
  const own = keys.find((key) => key.startsWith(prefix));
  if (own === undefined) return;
  throw new MusterError({
    code: "tag-for-root",
    message: `The tag ${own} is muster's: only root may write or remove it`,
    hint: "Run it as root, or choose a key that does not begin with " + prefix,
  });
}
