import { expect, test } from "vitest";

import type { RunEvent } from "../../../../src/domain/run/events.ts";
import { explains } from "../../harness/explains.ts";
import { muster, status, waitForState, waitForUnits } from "../../harness/muster.ts";
import { expectNothingRegistered, pageThroughBalancer, published, servers } from "../../harness/outside.ts";
import { createWorld } from "../../harness/world.ts";

test("a drained instance is gone everywhere, stays out over a run and a reboot, and joins on demand", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot();
  await waitForState(web, "in-service");

  const drained = await muster(web, "drain --reason 'disk to be replaced' --json");
  expect(drained.code, drained.stderr).toBe(0);
  const events = drained.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as RunEvent);
  const finished = events.flatMap((event) => (event.type === "stage-finished" ? [event.stage] : []));
  expect(finished, "the reverse of joining, and the tags tell the end").toEqual(["dns", "register", "tags"]);
  await expectNothingRegistered(world);
  const out = await status(web);
  expect(out).toMatchObject({ state: "out-of-service", reason: "drained by root: disk to be replaced" });
  expect((await muster(web, "status")).code).toBe(0);
  await explains(web, import.meta.dirname, {
    verdict: /^! Not in service: taken out by hand: drained by root: disk to be replaced/,
    todo: /muster join brings it back/,
  });
  // Out of service is not switched off.
  await waitForUnits(web, { "muster-ready.target": "inactive", "page.service": "active" });
  expect(await stateTag()).toBe("out-of-service");

  const run = await muster(web, "run");
  expect(run.code, run.stderr).toBe(0);
  expect(run.stdout).toContain("drained by root: disk to be replaced; muster join brings it back");
  await expectNothingRegistered(world);

  await web.reboot();
  await waitForState(web, "out-of-service", {
    run: ({ startType, cause }) => cause === "boot" && startType !== "first-boot",
  });
  await expectNothingRegistered(world);

  const joined = await muster(web, "join");
  expect(joined.code, joined.stdout + joined.stderr).toBe(0);
  await waitForState(web, "in-service");
  expect(await servers(world)).toMatchObject([{ state: "UP" }]);
  expect(await published(world)).toHaveLength(2);
  expect(await pageThroughBalancer(world)).toContain("welcome");
  expect(await stateTag()).toBe("in-service");
  await waitForUnits(web, { "muster-ready.target": "active" });

  async function stateTag(): Promise<string | undefined> {
    const tags = JSON.parse(await web.readFile("/var/lib/muster/instance-tags.json")) as Record<string, string>;
    return tags["muster:state"];
  }
});
