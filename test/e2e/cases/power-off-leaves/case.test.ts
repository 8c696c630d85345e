import { expect, test } from "vitest";

import { waitForStage, waitForState } from "../../harness/muster.ts";
import { backend, expectNothingRegistered, pageThroughBalancer, servers } from "../../harness/outside.ts";
import { createWorld } from "../../harness/world.ts";

test("an orderly power-off leaves balancer and DNS first; the next boot comes back into service", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot();
  const first = await waitForState(web, "in-service");

  await web.powerOff();
  await expectNothingRegistered(world);
  const journal = await web.journal();
  const left = journal.indexOf("the machine goes down");
  const stopped = journal.indexOf("Stopping page.service");
  expect(left).toBeGreaterThan(0);
  expect(stopped, "what serves stops last").toBeGreaterThan(left);

  await web.start();
  const again = await waitForState(web, "in-service", { run: ({ id }) => id !== first.run?.id });
  expect(again.run).toMatchObject({ cause: "boot", startType: "reboot" });
  expect(await pageThroughBalancer(world)).toContain("welcome");
});

test("so does one in the middle of joining", async () => {
  await using world = await createWorld(import.meta.dirname);
  await world.services.haproxy.setHealthPath(backend, "/not-there");
  const web = await world.boot();
  await waitForStage(web, "register", ["waiting"]);
  await web.waitFor(async () => (await servers(world)).length === 1, { what: "the balancer has it", every: 50 });

  await web.powerOff();
  await expectNothingRegistered(world);
});
