import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import { muster, status, waitForState } from "../../harness/muster.ts";
import { createWorld } from "../../harness/world.ts";

test("a paused instance makes no run by schedule, over a restart and a reboot, until it is resumed", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot();
  const before = await waitForState(web, "in-service");

  // Without a daemon: it is there when one comes.
  await web.exec("systemctl stop muster");
  expect(await muster(web, "pause --reason 'a disk is looked at' --for 2h")).toMatchObject({ code: 0, stderr: "" });
  expect((await muster(web, "status")).stdout).toMatch(/^paused +until .* UTC by root: a disk is looked at$/m);
  await web.exec("systemctl start muster");
  const metrics = await web.waitFor(
    () => web.exec("curl --silent --fail --unix-socket /run/muster/root.sock http://muster/metrics"),
    { what: "metrics", timeout: 20_000 },
  );
  expect(metrics.stdout).toMatch(/^muster_paused 1$/m);
  await web.waitFor(async () => /^until .* by root: a disk is looked at$/.test(await tag()), {
    what: "the tag says so",
    timeout: 20_000,
  });
  expect((await muster(web, "explain")).stdout).toMatch(/^paused +until .*: a disk is looked at$/m);

  // The catalogue says every minute.
  await sleep(65_000);
  expect((await status(web)).run?.id).toBe(before.run?.id);

  await web.reboot();
  const after = await waitForState(web, "in-service", {
    run: ({ cause, id }) => cause === "boot" && id !== before.run?.id,
  });
  expect(after.pause).toMatchObject({ by: "root", reason: "a disk is looked at" });
  await sleep(65_000);
  expect((await status(web)).run?.id).toBe(after.run?.id);

  // What a person asks for is done all the same.
  expect((await muster(web, "run")).code).toBe(0);
  expect(await muster(web, "resume")).toMatchObject({
    code: 0,
    stdout: "Resumed. It was paused by root: a disk is looked at\n",
  });
  await waitForState(web, "in-service", { run: ({ cause }) => cause === "schedule", timeout: 90_000 });
  expect((await status(web)).pause).toBeUndefined();
  expect(await tag()).toBe("no");
  expect((await muster(web, "resume")).stdout).toBe("Nothing was paused.\n");

  async function tag(): Promise<string> {
    const tags = JSON.parse((await muster(web, "tag list --json")).stdout) as { tags: Record<string, string> };
    return tags.tags["muster:paused"] ?? "";
  }
});

test("a pause ends by itself", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot();
  const before = await waitForState(web, "in-service");
  expect((await muster(web, "pause --reason x --for 3s")).code).toBe(0);
  expect((await status(web)).pause?.reason).toBe("x");
  await web.waitFor(async () => (await status(web)).pause === undefined, { what: "it is over", timeout: 15_000 });
  expect(await web.journal("muster")).toContain("the pause is over: expired");
  await waitForState(web, "in-service", { run: ({ id }) => id !== before.run?.id, timeout: 90_000 });
});
