import { expect, test } from "vitest";

import { status, waitForState } from "../../harness/muster.ts";
import { announce, inSeconds } from "../../harness/notices.ts";
import { expectNothingRegistered } from "../../harness/outside.ts";
import { createWorld } from "../../harness/world.ts";

test("a TTL longer than the notice: out before the machine goes, the commands run, and it says what it cut short", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot();
  await waitForState(web, "in-service");

  const begun = Date.now();
  await announce(web, { spot: { at: inSeconds(40) } });
  await waitForState(web, "out-of-service", { timeout: 40_000 });
  await web.waitFor(async () => (await web.readFile("/var/tmp/flushed")) === "flushed\n", { what: "flushed" });
  expect(Date.now() - begun).toBeLessThan(40_000);
  await expectNothingRegistered(world);
  const { notices } = await status(web);
  expect(notices.find(({ code }) => code === "leave-cut-short")?.text).toContain("resolvers have forgotten");
  expect(notices.map(({ code }) => code)).toContain("before-stop-done");
});

test("a power-off has the role's limit, and runs the commands before the machine goes", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot();
  await waitForState(web, "in-service");
  const begun = Date.now();
  await web.powerOff();
  expect(Date.now() - begun).toBeLessThan(40_000);
  await expectNothingRegistered(world);
  await web.start();
  await waitForState(web, "in-service");
  expect(await web.readFile("/var/tmp/flushed")).toBe("flushed\n");
});
