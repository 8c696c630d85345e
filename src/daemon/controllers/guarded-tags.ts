import { MusterError } from "../../domain/errors/errors.ts";
import type { Settings } from "../../domain/settings/settings.ts";
import { refuseUnnamed } from "../../domain/instance/tag-rules.ts";
import { keysIn } from "../../domain/instance/tag-trust.ts";
import type { TagStore } from "../../ports/tag-store.ts";

/**
 * The tags as a member of the group `muster` may use them. Tags that steer muster, tags that make names of this
 * instance, and muster's own state tags are read-only.
 * @param tags of the settings
 */
export function guardTags(store: TagStore, { prefix, trust }: Settings["tags"]): TagStore {
  const trusted = new Set(keysIn(trust));
  function refuseOwn(keys: readonly string[]): void {
    // An empty list may mean all tags further down, muster's own included.
    refuseUnnamed(keys);
    const own = keys.find((key) => key.startsWith(prefix) || trusted.has(key));
    if (own !== undefined) throw forRoot(own, prefix);
  }

  return {
    ...store,
    async add(tags, signal) {
      refuseOwn(Object.keys(tags));
      await store.add(tags, signal);
    },
    async remove(wanted, signal) {
      refuseOwn(wanted.map(({ key }) => key));
      await store.remove(wanted, signal);
    },
  };
}

function forRoot(key: string, prefix: string): MusterError {
  const what = key.startsWith(prefix) ? "is muster's" : "makes names of this instance (tags.trust)";
  return new MusterError({
    code: "tag-for-root",
    message: `The tag ${key} ${what}: only root may write or remove it`,
    hint: `Run it as root, or choose a key that does not begin with ${prefix} and is not under tags.trust of the settings.`,
  });
}
