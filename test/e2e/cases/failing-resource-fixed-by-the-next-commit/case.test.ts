import { expect, test } from "vitest";

import { explains } from "../../harness/explains.ts";
import { waitForState } from "../../harness/muster.ts";
import { expectNothingRegistered, pageThroughBalancer } from "../../harness/outside.ts";
import { createWorld } from "../../harness/world.ts";

test("a failed resource holds the instance; the commit that fixes it brings it into service without a hand", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot();
  const held = await waitForState(web, "held");

  expect(held.error?.code).toBe("converge-resources-failed");
  expect(held.error?.message).toContain("File[/srv/missing/file]");
  await explains(web, import.meta.dirname, {
    verdict: /^✘ Not in service, held at converge: .*File\[\/srv\/missing\/file\]/,
    todo: /./,
  });
  await expectNothingRegistered(world);

  const fixed = await world.repo.commitFiles({ "manifests/site.pp": "include page\n" }, "fix it");
  const report = await waitForState(web, "in-service");

  expect(report).toMatchObject({ commit: fixed, run: { cause: "retry" } });
  expect(report.error, "the earlier failure is over").toBeUndefined();
  expect(await pageThroughBalancer(world)).toContain("welcome");
  const tags: unknown = JSON.parse(await web.readFile("/var/lib/muster/instance-tags.json"));
  expect(tags).toMatchObject({ "muster:state": "in-service", "muster:commit": fixed });
});
