import { expect, test } from "vitest";

import { muster, status, waitForState } from "../../harness/muster.ts";
import { expectNothingRegistered, published, servers } from "../../harness/outside.ts";
import { createWorld } from "../../harness/world.ts";

test("an agent that is killed while it leaves goes on leaving when it is back", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot();
  await waitForState(web, "in-service");
  const drain = muster(web, "drain");
  await web.waitFor(async () => (await published(world)).length === 0, { what: "the name is gone", every: 50 });
  expect(await servers(world), "users who still know the name are served").toMatchObject([{ state: "DRAIN" }]);
  expect((await status(web)).state).toBe("leaving");
  await web.kill("SIGKILL");

  const cut = await drain;
  expect(cut.code, cut.stdout + cut.stderr).toBe(1);
  // systemd waits 5 s, resolvers 6 s: the agent itself waits for nothing else.
  await waitForState(web, "out-of-service", { timeout: 20_000 });
  await expectNothingRegistered(world);
});
