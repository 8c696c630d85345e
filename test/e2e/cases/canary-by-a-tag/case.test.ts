import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, test } from "vitest";

import { muster, status, waitForState } from "../../harness/muster.ts";
import { pageThroughBalancer, publicName } from "../../harness/outside.ts";
import { createWorld, usualSettings, usualTags } from "../../harness/world.ts";

const init = "modules/page/manifests/init.pp";

test("one instance tries a release branch that its tag names, beside others on main, and no user notices", async () => {
  await using world = await createWorld(import.meta.dirname);
  const stable = await readFile(join(import.meta.dirname, "../../harness/repo", init), "utf8");
  const next = stable.replace('"welcome to', '"welcome to the next');
  expect(next).not.toBe(stable);
  await world.repo.commitFiles({ [init]: next }, "the next release", { branch: "release/next" });
  const settings = { config: { ...usualSettings(world.services).config, refs: ["main", "release/*"] } };

  const one = await world.boot({ id: "i-stable", settings });
  await waitForState(one, "in-service");
  const watch = world.services.haproxy.watch("/", { host: publicName, everyMs: 10 });
  const canary = await world.boot({ id: "i-canary", tags: { ...usualTags, "muster:ref": "release/next" }, settings });
  await waitForState(canary, "in-service");

  expect((await status(canary)).commit).toBe(await world.repo.head("release/next"));
  expect((await status(one)).commit).toBe(await world.repo.head("main"));
  expect(await pages()).toEqual([
    "welcome to the next web in dev, served by i-canary",
    "welcome to web in dev, served by i-stable",
  ]);

  // It did well: main moves on, and the others follow with their next run.
  await world.repo.commitFiles({ [init]: next }, "the next release for everybody");
  const run = await muster(one, "run");
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(await pages()).toEqual([
    "welcome to the next web in dev, served by i-canary",
    "welcome to the next web in dev, served by i-stable",
  ]);
  await watch.stop();
  expect(watch.failures).toEqual([]);
  expect(watch.ok).toBeGreaterThan(50);

  async function pages(): Promise<string[]> {
    const seen = new Set<string>();
    for (let round = 0; round < 8; round += 1) seen.add((await pageThroughBalancer(world)).trim());
    return [...seen].toSorted();
  }
});
