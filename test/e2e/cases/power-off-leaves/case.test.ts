import { expect, test } from "vitest";

import { waitForStage, waitForState, waitForUnits } from "../../harness/muster.ts";
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

  expect(journal, "systemd was asked for nothing that it refuses on its way down").not.toContain("systemd-failed");

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
  // systemd is asked for it when the stage begins, beside the first call to the balancer.
  await waitForUnits(web, { "muster-leave.service": "active" });

  await web.powerOff();
  await expectNothingRegistered(world);
  expect(await web.journal()).not.toContain("systemd-failed");
});

test("a run that is about to join while the machine goes down starts no unit any more", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot();
  await waitForState(web, "in-service");
  // Stops before the daemon does: systemd starts nothing any more, and the daemon still works.
  await web.writeFile(
    "/etc/systemd/system/slow.service",
    "[Unit]\nAfter=muster.service\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\nExecStop=/bin/sh -c 'systemctl is-system-running; muster drain; muster join'\n",
  );
  await web.exec("systemctl daemon-reload && systemctl start slow.service");

  await web.powerOff();
  const journal = await web.journal();
  expect(journal, "it was done on the way down").toMatch(/sh\[\d+\]: stopping/);
  expect(journal).toMatch(/register changed/);
  expect(journal).not.toContain("systemd-failed");
});
