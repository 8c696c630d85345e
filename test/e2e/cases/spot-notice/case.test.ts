import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";

import { expectNoFailures, startLoad } from "../../harness/load.ts";
import { muster, status, waitForState } from "../../harness/muster.ts";
import { announce, inSeconds } from "../../harness/notices.ts";
import { published, servers } from "../../harness/outside.ts";
import { createWorld } from "../../harness/world.ts";

test("a spot notice: gone from balancer and DNS in time, once, and no user notices; taken back, it serves again", async () => {
  await using world = await createWorld(import.meta.dirname);
  const [one, two] = await Promise.all([world.boot({ id: "i-one" }), world.boot({ id: "i-two" })]);
  await Promise.all([waitForState(one, "in-service"), waitForState(two, "in-service")]);
  const load = startLoad(world);

  const planned = await muster(one, "drain --dry-run --as spot");
  expect(planned.code, planned.stderr).toBe(0);
  expect(planned.stdout).toContain("withdraw web-i-one.example.internal 3 A");
  expect(planned.stdout).toContain("out of service after at most 3.0 s, ready to go after at most 23 s");

  const begun = Date.now();
  await announce(one, { spot: { at: inSeconds(120) } });
  const out = await waitForState(one, "out-of-service", { timeout: 60_000 });
  expect(Date.now() - begun, "with time to spare").toBeLessThan(60_000);
  expect(out.reason).toMatch(/^spot interruption: /);
  expect((await servers(world)).map(({ name }) => name)).toEqual(["i-two-80"]);
  expect((await published(world)).some(({ name }) => name.includes("i-one"))).toBe(false);
  await one.waitFor(async () => (await one.readFile("/var/tmp/flushed")) === "flushed\n", { what: "the commands ran" });

  // What is seen again and again acts once, also after the agent was killed.
  await one.exec("systemctl kill --signal=KILL muster.service");
  await sleep(12_000);
  expect((await status(one)).state).toBe("out-of-service");
  expect(await one.readFile("/var/tmp/flushed")).toBe("flushed\n");
  const explained = await muster(one, "explain");
  expect(explained.stdout).toContain("Not in service: spot interruption");

  await announce(one, {});
  const back = await waitForState(one, "in-service");
  expect(back.run).toMatchObject({ cause: "return" });
  expect(await servers(world)).toHaveLength(2);
  await expectNoFailures(load, 500);
});
