import { expect, test } from "vitest";

import { explains } from "../../harness/explains.ts";
import { waitForStage, waitForState } from "../../harness/muster.ts";
import { expectNothingRegistered, pageThroughBalancer } from "../../harness/outside.ts";
import { createWorld, usualSettings } from "../../harness/world.ts";

test("a git server that is down holds a first boot, and its return is enough", async () => {
  await using world = await createWorld(import.meta.dirname);
  await world.services.git.stop();
  const config = { ...usualSettings(world.services).config, deadline: "4s" };
  const web = await world.boot({ settings: { config } });

  const waiting = await waitForStage(web, "config", ["waiting"]);
  expect(waiting.state).toBe("starting");
  await explains(
    web,
    import.meta.dirname,
    {
      verdict: /^! Not in service yet: run 1 is at config, which waits: .*trying again in/,
      todo: /goes on by itself/,
    },
    "explain-waiting",
  );
  const held = await waitForState(web, "held");
  expect(held.error?.code).toBe("config-fetch-failed");
  expect(held.error?.message).toContain(world.services.git.address);
  expect(held.nextRetryAt).toBeDefined();
  await explains(web, import.meta.dirname, {
    verdict: /^✘ Not in service, held at config: .*given up after/,
    todo: /./,
  });
  await expectNothingRegistered(world);

  await world.services.git.start();
  await waitForState(web, "in-service");
  expect(await pageThroughBalancer(world)).toContain("welcome");
});

test("a server that comes back inside the deadline costs no held run; one that hangs is given up", async () => {
  await using world = await createWorld(import.meta.dirname);
  await world.services.git.blackhole();
  const config = { ...usualSettings(world.services).config, deadline: "60s" };
  const web = await world.boot({ settings: { config } });
  const waiting = await waitForStage(web, "config", ["running", "waiting"]);
  await world.services.git.start();
  const report = await waitForState(web, "in-service");
  expect(report.run).toMatchObject({ id: waiting.run?.id, cause: "boot" });
});
