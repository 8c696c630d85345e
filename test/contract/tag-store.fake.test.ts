import { createFakeTagStore } from "../fakes/tag-store.ts";
import { instanceId, tagStoreSuite } from "./tag-store.suite.ts";

tagStoreSuite("fake", async (tags) => {
  const store = createFakeTagStore(instanceId, tags);
  return { store, other: store, changes: () => store.calls.length };
});
