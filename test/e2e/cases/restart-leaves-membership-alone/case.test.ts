import { expect, test } from "vitest";

import { muster, status, waitForState } from "../../harness/muster.ts";
import { publicName } from "../../harness/outside.ts";
import { puppetRuns } from "../../harness/puppet-count.ts";
import { snapshot } from "../../harness/snapshot.ts";
import { createWorld } from "../../harness/world.ts";

test("stopping, restarting or killing the daemon is not leaving", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot();
  const first = await waitForState(web, "in-service");
  const before = await snapshot(world, web, { state: false });
  const watch = world.services.haproxy.watch("/", { host: publicName });
  const answers = async (): Promise<boolean> =>
    (await web.exec("systemctl is-active muster.service")).stdout === "active\n";

  await web.exec("systemctl restart muster.service");
  await web.exec("systemctl stop muster.service");
  expect((await muster(web, "status")).code, "status needs no daemon, and says that none answers").toBe(5);
  await web.exec("systemctl start muster.service");
  await web.kill("SIGKILL");
  await web.waitFor(answers, { what: "muster.service is back" });
  await watch.stop();

  const after = await status(web);
  expect(after).toMatchObject({ state: "in-service", since: first.since });
  expect(after.run?.id, "a boot has one boot run").toBe(first.run?.id);
  expect((await puppetRuns(web)).begun).toBe(1);
  expect((await web.exec("systemctl is-active muster-ready.target muster-leave.service")).stdout).toBe(
    "active\nactive\n",
  );
  expect(await snapshot(world, web, { state: false })).toEqual(before);
  expect(watch.ok).toBeGreaterThan(10);
  expect(watch.failures).toEqual([]);
});
