import { expect, test } from "vitest";

import { explains } from "../../harness/explains.ts";
import { muster, waitForState } from "../../harness/muster.ts";
import { expectNothingRegistered } from "../../harness/outside.ts";
import { puppetRuns } from "../../harness/puppet-count.ts";
import { createWorld, usualSettings, usualTags } from "../../harness/world.ts";

test("a tag can ask for an allowed ref only; nothing of another one is applied", async () => {
  await using world = await createWorld(import.meta.dirname);
  await world.repo.commitFiles({ "evil.txt": "" }, "not reviewed", { branch: "experiment" });
  const settings = { config: { ...usualSettings(world.services).config, refs: ["main", "release/*"] } };
  const web = await world.boot({ tags: { ...usualTags, "muster:ref": "experiment" }, settings });
  const { error } = await waitForState(web, "held");

  expect(error?.code).toBe("ref-not-allowed");
  expect(error?.message).toContain('"experiment" (tag muster:ref)');
  expect(error?.hint).toContain("main, release/*");
  await explains(web, import.meta.dirname, {
    verdict: /^✘ Not in service, held at config: The ref "experiment" \(tag muster:ref\) is not among the refs/,
    todo: /Allowed are main, release/,
  });
  await expectNothingRegistered(world);
  expect((await puppetRuns(web)).begun).toBe(0);

  // Nor is its commit, by its id.
  const head = await world.repo.head("experiment");
  const byCommit = await muster(web, `run --ref ${head}`);
  // What no allowed ref leads to is not fetched, so nothing is known of it here.
  expect(byCommit.stdout + byCommit.stderr).toContain("ref-unknown");
  expect(byCommit.code).toBe(3);
});
