import { expect, test } from "vitest";

import { muster, waitForState } from "../../harness/muster.ts";
import { expectNothingRegistered } from "../../harness/outside.ts";
import { createWorld } from "../../harness/world.ts";

test("an unknown role holds the instance and lists those of the catalogue", async () => {
  await using world = await createWorld(import.meta.dirname);
  const catalogue = "version: 1\nroles: { web: { patch: { scope: none } }, database: { patch: { scope: none } } }\n";
  await world.repo.commitFiles({ "muster.yaml": catalogue }, "two roles");
  const web = await world.boot({ tags: { "muster:role": "wbe" } });
  const report = await waitForState(web, "held");

  expect(report.error).toMatchObject({ code: "role-unknown" });
  expect(report.error?.message).toContain('"wbe" (tag muster:role)');
  expect(report.error?.message).toContain("database, web");
  expect(report.error?.hint).toContain("Did you mean web?");
  expect((await muster(web, "status")).code).toBe(3);
  await expectNothingRegistered(world);
});
