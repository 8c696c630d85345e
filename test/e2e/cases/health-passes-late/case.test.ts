import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";

import { stage, status, waitForStage, waitForState } from "../../harness/muster.ts";
import { expectNothingRegistered, pageThroughBalancer } from "../../harness/outside.ts";
import { puppetRuns } from "../../harness/puppet-count.ts";
import { createWorld } from "../../harness/world.ts";

test("a gate that passes late lets the same run go on; until then nothing is registered", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot();
  await waitForStage(web, "health", ["running", "waiting"]);
  await sleep(3_000);
  const waiting = await status(web);
  expect(waiting.state).toBe("starting");
  expect(stage(waiting, "health").text).toContain("/srv/warmed-up");
  await expectNothingRegistered(world);

  await web.exec("touch /srv/warmed-up");
  const report = await waitForState(web, "in-service");
  expect(report.run?.id).toBe(waiting.run?.id);
  expect((await puppetRuns(web)).begun).toBe(1);
  expect(await pageThroughBalancer(world)).toContain("welcome");
});
