import { expect, test } from "vitest";

import { muster, waitForState } from "../../harness/muster.ts";
import { puppetRuns } from "../../harness/puppet-count.ts";
import { snapshot } from "../../harness/snapshot.ts";
import { createWorld } from "../../harness/world.ts";

test("a dry run of a machine that never ran: the whole plan, and not a byte changed", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot({ enableMuster: false });
  const before = await snapshot(world, web, { state: true });
  const { code, stdout, stderr } = await muster(web, "run --dry-run");

  expect(code, stdout + stderr).toBe(0);
  const commit = (await world.repo.head()).slice(0, 12);
  for (const part of [commit, "manifests/site.pp", "page.service", "web-dev", "example.internal"]) {
    expect(stdout).toContain(part);
  }
  expect(await snapshot(world, web, { state: true })).toEqual(before);
  expect((await puppetRuns(web)).begun).toBe(0);
});

test("a dry run of an instance in service shows the next commit and leaves the one that is applied", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot();
  const applied = await waitForState(web, "in-service");
  const next = await world.repo.commitFiles(
    { "manifests/site.pp": "include page\nfile { '/srv/new': }\n" },
    "something new",
  );
  const before = await snapshot(world, web, { state: true });
  const { code, stdout } = await muster(web, "run --dry-run");

  expect(code).toBe(0);
  expect(stdout).toContain(next.slice(0, 12));
  expect(stdout).toContain("something new");
  expect(stdout).toContain(applied.commit?.slice(0, 12));
  expect(await snapshot(world, web, { state: true })).toEqual(before);
  expect((await puppetRuns(web)).begun).toBe(1);
});
