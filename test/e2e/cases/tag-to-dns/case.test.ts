// Names that the tags of the instance file ask for, while the instance serves.
import { expect, test } from "vitest";

import { muster, status, waitForState } from "../../harness/muster.ts";
import { published, publicName } from "../../harness/outside.ts";
import { createWorld, usualTags, type World } from "../../harness/world.ts";

const settings = {
  tags: { trust: ["role", "environment", "dns"] },
  dns: { zones: [{ zone: "example.internal", names: ["web-*", "www"], ttl: 1 }] },
};

test("a name follows its tag within seconds and without a run; what others hold is left alone", async () => {
  await using world = await createWorld(import.meta.dirname);
  const tags = { ...usualTags, "muster:dns": `web-7.example.internal, ${publicName}, db.example.internal` };
  const web = await world.boot({ tags, settings });
  const { run, notices } = await waitForState(web, "in-service");
  expect(await names(world)).toEqual(["web-7", "web-i-00000000000000001"]);

  // The lab's own www is a person's record, and nobody let tags use db.
  const said = notices.map(({ text }) => text);
  expect(said).toContainEqual(
    expect.stringMatching(/^A www\.example\.internal, which the tag muster:dns asks for, is held/),
  );
  expect(said).toContainEqual(
    expect.stringMatching(/^Tag muster:dns steers nothing: "db\.example\.internal" is no name/),
  );
  expect((await muster(web, "explain")).stdout).toMatch(/dns +web-7\.example\.internal +tag muster:dns/);

  await web.exec("sed -i 's/web-7/web-8/' /etc/muster/instance.yaml");
  await web.waitFor(async () => (await names(world)).includes("web-8"), { what: "the new name", timeout: 30_000 });
  expect(await names(world)).toEqual(["web-8", "web-i-00000000000000001"]);
  expect((await status(web)).run?.id).toBe(run?.id);
  expect(await world.services.dns.query(publicName, "A")).toEqual([world.services.haproxy.address]);

  // It goes with all others when the instance leaves.
  expect((await muster(web, "drain")).code).toBe(0);
  expect(await names(world)).toEqual([]);
});

async function names(world: World): Promise<readonly string[]> {
  const records = (await published(world)).filter(({ type }) => type === "A");
  return records.map(({ name }) => name.replace(".example.internal", "")).toSorted();
}
