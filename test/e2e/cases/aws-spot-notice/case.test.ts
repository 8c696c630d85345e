// Two minutes' notice, at a quarter: out of the balancer and of DNS at once, everything done before the time is up.
import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import {
  operations,
  publishedInRoute53,
  startAwsLoad,
  stateTags,
  targetHealth,
  writes,
} from "../../harness/aws-outside.ts";
import { createAwsWorld } from "../../harness/aws-world.ts";
import { expectNoFailures } from "../../harness/load.ts";
import { status, waitForState } from "../../harness/muster.ts";

/** Of the notice, in milliseconds. */
const noticeMs = 30_000;

test("a spot notice drains the instance in the time that it leaves, once, and comes back when it is taken back", async () => {
  // The target group drains for a minute: longer than the notice.
  await using world = await createAwsWorld(import.meta.dirname, { targetGroup: { drainSeconds: 600 } });
  const { aws } = world;
  const [spot, other] = await Promise.all([
    world.launch({ metadata: { market: "spot" } }),
    world.launch({ metadata: { market: "spot" } }),
  ]);
  const [web] = await Promise.all([world.boot(spot), world.boot(other).then((it) => waitForState(it, "in-service"))]);
  await waitForState(web, "in-service");
  const load = startAwsLoad(world);

  const time = new Date(Date.now() + noticeMs);
  spot.metadata.spotAction = { action: "terminate", time };
  await web.waitFor(() => publishedInRoute53(world).length === 1, { what: "its name is gone", timeout: 12_000 });
  expect(await targetHealth(world, spot)).toContain("draining");
  expect((await status(web)).state).toBe("leaving");
  const out = await waitForState(web, "out-of-service");
  expect(Date.now(), "before the instance is taken").toBeLessThan(time.getTime());
  expect(out.reason).toBe(
    `spot interruption: the cloud takes this instance back at ${time.toISOString().slice(0, 19)}Z (terminate)`,
  );
  await web.waitFor(async () => (await web.exec("test -e /run/before-stop", { check: false })).code === 0, {
    what: "the commands before the stop are run",
    timeout: 10_000,
  });
  expect(await stateTags(world, spot)).toMatchObject({ "muster:state": "out-of-service" });
  expect(Date.now(), "before the instance is taken").toBeLessThan(time.getTime());

  // Seen many times more, answered once.
  const answered = aws.calls(spot).length;
  await sleep(15_000);
  expect(writes(operations(aws.calls(spot).slice(answered)))).toEqual([]);
  const { stdout: story } = await web.exec("journalctl -u muster.service -o cat");
  expect(story.match(/^(leaving|.*: leaving).*spot interruption/gm), story).toHaveLength(1);

  spot.metadata.spotAction = undefined;
  await waitForState(web, "in-service");
  expect(publishedInRoute53(world)).toHaveLength(2);
  await expectNoFailures(load);
});
