import { expect, test } from "vitest";

import { explains } from "../../harness/explains.ts";
import { stage, waitForState } from "../../harness/muster.ts";
import { expectNothingRegistered } from "../../harness/outside.ts";
import { createWorld } from "../../harness/world.ts";

test("a manifest that does not compile holds the instance and names file and line", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot();
  const report = await waitForState(web, "held");

  expect(report.error?.code).toBe("converge-compile-failed");
  expect(report.error?.message).toContain("(manifests/site.pp:4:3)");
  expect(report.error?.message).not.toContain("/var/lib/muster");
  expect(stage(report, "health").state).toBe("pending");
  await explains(web, import.meta.dirname, {
    verdict: /^✘ Not in service, held at converge: .*\(manifests\/site\.pp:4:3\)/,
    todo: /./,
  });
  await expectNothingRegistered(world);
  await expect(web.readFile("/srv/page.html"), "nothing was applied").rejects.toThrow("No such file");
});
