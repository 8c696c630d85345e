import { expect, test } from "vitest";

import { muster, stage, waitForState } from "../../harness/muster.ts";
import { puppetRuns } from "../../harness/puppet-count.ts";
import { snapshot } from "../../harness/snapshot.ts";
import { createWorld } from "../../harness/world.ts";

test("a second run finds everything as it is, writes nothing and says so", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot();
  const first = await waitForState(web, "in-service");
  const before = await snapshot(world, web, { state: false });
  const watch = world.services.haproxy.watch("/", { host: "www.example.internal" });

  const { code, stdout } = await muster(web, "run");
  await watch.stop();

  expect(code).toBe(0);
  expect(stdout).toContain("in service, nothing had to be changed");
  const report = await waitForState(web, "in-service");
  expect(report.run).toMatchObject({ cause: "manual" });
  expect(report.run?.id).not.toBe(first.run?.id);
  expect(report.since, "it was in service all the while").toBe(first.since);
  for (const name of ["config", "converge", "register", "dns", "tags"] as const) {
    expect(stage(report, name).state, name).toBe("unchanged");
  }
  expect((await puppetRuns(web)).ended, "changed, then unchanged").toEqual([2, 0]);
  expect(await snapshot(world, web, { state: false })).toEqual(before);
  expect(watch.ok).toBeGreaterThan(10);
  expect(watch.failures).toEqual([]);

  // Without the daemon the run is made in the command, with the same outcome.
  await web.exec("systemctl stop muster.service");
  const alone = await muster(web, "run");
  expect(alone.code).toBe(0);
  expect(alone.stdout).toContain("in service, nothing had to be changed");
  expect(await snapshot(world, web, { state: false })).toEqual(before);
});
