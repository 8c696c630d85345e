import { expect, test } from "vitest";

import type { Instance } from "../../../lab/instance.ts";
import { waitForState } from "../../harness/muster.ts";
import { pageThroughBalancer, published, servers } from "../../harness/outside.ts";
import { createWorld } from "../../harness/world.ts";

test.for([
  ["rebooted", async (web: Instance) => web.reboot()],
  ["cut off from power", async (web: Instance) => web.powerCut()],
] as const)("%s while Puppet works: the next boot ends in service", async ([, interrupt]) => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot();
  const working = async (): Promise<boolean> => (await web.readFile("/var/log/slow-work")) === "begin\n";
  await web.waitFor(working, { what: "Puppet works", every: 100 });
  await interrupt(web);
  expect(web.boots()).toBe(2);

  const report = await waitForState(web, "in-service");
  expect(report.run).toMatchObject({ cause: "boot" });
  expect(await web.readFile("/var/log/slow-work")).toMatch(/^begin\nbegin\nend\n$/);
  expect(await pageThroughBalancer(world)).toContain("welcome");
  expect(await servers(world)).toHaveLength(1);
  expect(await published(world)).toHaveLength(2);
});
