import { expect, test } from "vitest";

import { explains } from "../../harness/explains.ts";
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
  await explains(web, import.meta.dirname, {
    verdict: /^✘ Not in service, held at config: .*no role "wbe" \(tag muster:role\); its roles are database, web/,
    todo: /Did you mean web\?/,
  });
  await expectNothingRegistered(world);

  // Who may not read the state is told so, and by whom it can be asked.
  const nobody = await web.exec("runuser -u nobody -- muster explain", { check: false });
  expect(nobody.code, nobody.stderr).toBe(1);
  // By the daemon, or by the file where no daemon answers.
  expect(nobody.stdout).toMatch(/cannot be told[^]*sudo muster explain[^]*(permission denied|You may not ask)/);
});
