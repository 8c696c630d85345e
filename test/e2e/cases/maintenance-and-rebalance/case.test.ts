import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";

import { expectNoFailures, startLoad } from "../../harness/load.ts";
import { status, waitForState } from "../../harness/muster.ts";
import { announce, inSeconds } from "../../harness/notices.ts";
import { servers } from "../../harness/outside.ts";
import { createWorld } from "../../harness/world.ts";

test("maintenance takes it out in time for it and lets it back afterwards; a recommendation only cordons", async () => {
  await using world = await createWorld(import.meta.dirname);
  const [one, two] = await Promise.all([world.boot({ id: "i-one" }), world.boot({ id: "i-two" })]);
  await Promise.all([waitForState(one, "in-service"), waitForState(two, "in-service")]);
  const load = startLoad(world);
  const event = { id: "m-1", code: "system-reboot", text: "the host is replaced" };

  // Its limit and a minute before it begins, and not sooner.
  await announce(one, { maintenance: [{ ...event, notBefore: inSeconds(90) }] });
  await sleep(8_000);
  expect((await status(one)).state).toBe("in-service");
  await waitForState(one, "out-of-service", { timeout: 60_000 });
  expect(await servers(world)).toHaveLength(1);
  await announce(one, { maintenance: [{ ...event, notBefore: inSeconds(60), state: "completed" }] });
  await waitForState(one, "in-service");
  expect(await servers(world)).toHaveLength(2);

  await announce(one, { rebalance: { noticedAt: inSeconds(0) } });
  await one.waitFor(
    async () => {
      const { notices } = await status(one);
      return notices.some(({ code }) => code === "cordoned");
    },
    { what: "it says that it is cordoned", timeout: 30_000 },
  );
  const before = await status(one);
  await sleep(65_000);
  const after = await status(one);
  expect(after.state).toBe("in-service");
  expect(after.run?.id, "its schedule comes every minute").toBe(before.run?.id);
  await expectNoFailures(load, 1_000);
});
