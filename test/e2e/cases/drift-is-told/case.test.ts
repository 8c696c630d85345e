import { expect, test } from "vitest";

import { muster, stage, status, waitForState } from "../../harness/muster.ts";
import { createWorld } from "../../harness/world.ts";

test("a drift check tells what converging would change, and changes nothing itself; a held lock of dpkg is waited for", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot();
  const first = await waitForState(web, "in-service");
  const told = (drifted: number) =>
    web.waitFor(async () => ((await status(web)).drift?.drifted === drifted ? status(web) : undefined), {
      what: `a drift of ${drifted}`,
      timeout: 100_000,
      every: 1000,
    });
  await told(0);
  // The lock of dpkg was held when Puppet came to its package: apt waited for it.
  const versions = await web.exec("dpkg-query --show --showformat '${Version}' muster-lab-grow-data");
  expect(versions.stdout).toBe("1.0");
  const printed = await web.exec("cat /var/log/muster/units/*-converge-1.log");
  expect(printed.stdout).toMatch(/muster-lab-grow-data\]\/ensure: created/);
  await web.exec("echo 'edited by hand' >> /srv/page.html; chmod 0600 /usr/local/sbin/page-server");

  const drifted = await told(2);
  const resources = ["File[/srv/page.html]", "File[/usr/local/sbin/page-server]"];
  expect(drifted.drift?.resources.toSorted()).toEqual(resources);
  expect(drifted).toMatchObject({ state: "in-service", since: first.since, drift: { commit: first.commit } });
  expect(drifted.run?.id, "a check is no run").toBe(first.run?.id);
  expect(await web.readFile("/srv/page.html"), "nothing was put right").toContain("edited by hand");
  const page = (await muster(web, "status")).stdout;
  expect(page).toMatch(/drift +2 resources differ from commit/);
  expect((await muster(web, "explain")).stdout).toContain("looks for drift at");
  const metrics = await web.exec("curl --silent --unix-socket /run/muster/control.sock http://muster/metrics");
  expect(metrics.stdout).toContain("muster_resources_drifted 2\n");

  await muster(web, "run");
  const after = await status(web);
  expect(stage(after, "converge").state).toBe("changed");
  expect(after.drift).toMatchObject({ drifted: 0 });
});
