import { expect, test } from "vitest";

import { muster, waitForStage, waitForState } from "../../harness/muster.ts";
import { puppetRuns } from "../../harness/puppet-count.ts";
import { createWorld } from "../../harness/world.ts";

test("through the daemon: a second run waits for the boot run, or is told who holds the lock", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot();
  await waitForStage(web, "converge", ["running", "waiting"]);

  const refused = await muster(web, "run --lock-wait 0");
  expect(refused.code).toBe(75);
  expect(refused.stderr).toMatch(/The daemon is at work: "the boot run" \(since \d{4}-/);

  const waited = await muster(web, "run");
  expect(waited.stdout).toContain("Waiting for");
  expect(waited.code, waited.stdout + waited.stderr).toBe(0);
  await waitForState(web, "in-service", { run: ({ cause }) => cause === "manual" });
  expect(await puppetRuns(web)).toMatchObject({ begun: 2, atOnce: 1 });
});

test("without a daemon: the same, between two commands", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot({ enableMuster: false });
  const first = muster(web, "run");
  await web.waitFor(async () => (await puppetRuns(web)).begun === 1, { what: "the first run converges", every: 100 });

  const refused = await muster(web, "run --lock-wait 0");
  expect(refused.code).toBe(75);
  expect(refused.stderr).toContain("muster run");
  expect(refused.stderr).toMatch(/process \d+/);

  const second = await muster(web, "run");
  expect(second.stdout).toContain("Waiting for");
  expect(second.code, second.stdout + second.stderr).toBe(0);
  expect((await first).code).toBe(0);
  expect(await puppetRuns(web)).toMatchObject({ begun: 2, atOnce: 1 });
});
