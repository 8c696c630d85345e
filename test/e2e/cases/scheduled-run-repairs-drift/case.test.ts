import { expect, test } from "vitest";

import { stage, waitForState } from "../../harness/muster.ts";
import { publicName } from "../../harness/outside.ts";
import { createWorld } from "../../harness/world.ts";

test("at the catalogue's times the instance converges again, and serves all the while", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot();
  const first = await waitForState(web, "in-service");
  await web.exec("echo 'edited by hand' >> /srv/page.html; chmod 0600 /usr/local/sbin/page-server");
  const watch = world.services.haproxy.watch("/", { host: publicName });

  const second = await waitForState(web, "in-service", { run: ({ id }) => id !== first.run?.id });
  expect(second.run).toMatchObject({ cause: "schedule" });
  expect(second.since).toBe(first.since);
  expect(stage(second, "converge").state).toBe("changed");
  expect(await web.readFile("/srv/page.html")).not.toContain("edited by hand");
  expect((await web.exec("stat --format=%a /usr/local/sbin/page-server")).stdout).toBe("755\n");
  await watch.stop();
  expect(watch.failures).toEqual([]);
});
