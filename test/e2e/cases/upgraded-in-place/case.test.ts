import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

import type { Instance } from "../../../lab/instance.ts";
import { expectNoFailures, startLoad } from "../../harness/load.ts";
import { muster, status, waitForState } from "../../harness/muster.ts";
import { puppetRuns } from "../../harness/puppet-count.ts";
import { snapshot } from "../../harness/snapshot.ts";
import { createWorld } from "../../harness/world.ts";

/** As a package manager does it: a new file under the old name, while the old one runs, and then a restart. */
async function upgrade(web: Instance): Promise<void> {
  await web.exec("cp --dereference /usr/bin/muster /usr/bin/muster.new && mv /usr/bin/muster.new /usr/bin/muster");
  await web.exec("systemctl restart muster.service");
}

async function processOf(web: Instance): Promise<string> {
  return (await web.exec("systemctl show --property=MainPID --value muster.service")).stdout;
}

test("the binary is replaced and the daemon restarted, in service and in mid-run, and no user notices", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot();
  const first = await waitForState(web, "in-service");
  const before = await snapshot(world, web, { state: false });
  const daemon = await processOf(web);
  const load = startLoad(world);

  await upgrade(web);
  expect(await processOf(web)).not.toBe(daemon);
  expect(await status(web)).toMatchObject({ state: "in-service", since: first.since, run: { id: first.run?.id } });
  expect((await puppetRuns(web)).begun).toBe(1);
  expect(await snapshot(world, web, { state: false })).toEqual(before);

  const page = "modules/page/manifests/init.pp";
  const manifest = await readFile(join(import.meta.dirname, "../../harness/repo", page), "utf8");
  const slow = manifest.replace("class page {", "class page {\n  exec { '/bin/sleep 8': }");
  const commit = await world.repo.commitFiles({ [page]: slow }, "slow");
  const running = muster(web, "run");
  await web.waitFor(async () => (await puppetRuns(web)).begun === 2, { what: "the second run" });
  await upgrade(web);
  const told = await running;
  expect(`${told.stdout}${told.stderr}`, "whoever watches is told what happened").toContain("its run goes on");

  const after = await waitForState(web, "in-service", { run: ({ id }) => id !== first.run?.id });
  expect(after).toMatchObject({ commit, since: first.since, run: { startType: "crash-restart", end: "in-service" } });
  expect((await puppetRuns(web)).begun, "Puppet ran on").toBe(2);
  await expectNoFailures(load);
});
