import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

import { expectNoFailures, startLoad } from "../../harness/load.ts";
import { waitForState } from "../../harness/muster.ts";
import { pageThroughBalancer } from "../../harness/outside.ts";
import { createWorld, usualSettings } from "../../harness/world.ts";

test("a new commit is found by asking the server for it, and taken without leaving service", async () => {
  await using world = await createWorld(import.meta.dirname);
  const { config } = usualSettings(world.services);
  const web = await world.boot({ settings: { config: { ...config, poll: "30s" } } });
  const first = await waitForState(web, "in-service");
  const load = startLoad(world);
  const page = "modules/page/manifests/init.pp";
  const manifest = await readFile(join(import.meta.dirname, "../../harness/repo", page), "utf8");
  const commit = await world.repo.commitFiles({ [page]: manifest.replaceAll("welcome", "welcome back") }, "back");

  const second = await waitForState(web, "in-service", { run: ({ id }) => id !== first.run?.id });
  expect(second).toMatchObject({ commit, since: first.since, run: { cause: "commit" } });
  expect(await pageThroughBalancer(world)).toContain("welcome back");
  await expectNoFailures(load);
});
