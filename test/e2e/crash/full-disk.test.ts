// No space at each place that a run writes to: held with the reason, and by itself in service when there is space.
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Instance } from "../../lab/instance.ts";
import { muster, waitForState } from "../harness/muster.ts";
import { expectNothingRegistered } from "../harness/outside.ts";
import { createWorld, type World } from "../harness/world.ts";

let world: World;

beforeAll(async () => {
  world = await createWorld(import.meta.dirname);
});

afterAll(() => world.close());

/** What a run says of it. apt says no more of a log that it cannot write to than that it failed. */
const full = {
  "/var/lib/muster": "state-write-failed",
  "/var/log/muster": "package-upgrade-failed",
  "/run/muster": "state-write-failed",
  "/etc/facter": "state-write-failed",
  "/var/cache/apt/archives": "package-disk-full",
} as const;

test.for(Object.entries(full))("no space in %s: %s", async ([path, code]) => {
  await using instance = await world.boot({ enableMuster: false });
  await fill(instance, path);
  await instance.exec("systemctl start --no-block muster.service");
  // Not in the status, which has no space either.
  await instance.waitFor(async () => (await instance.journal("muster.service")).includes("]: held: "), {
    what: `${instance.name} is held`,
    timeout: 60_000,
  });
  expect(await instance.journal("muster.service")).toContain(`[${code}]`);
  await expectNothingRegistered(world);

  await instance.exec(`rm ${path}/fill`);
  await waitForState(instance, "in-service");
  expect((await muster(instance, "status")).code).toBe(0);
  expect((await instance.exec("systemctl --failed --no-legend")).stdout).toBe("");
  // The next test sees a world without this instance.
  expect((await muster(instance, "drain")).code).toBe(0);
});

/** A small file system over the directory, and nothing free in it. */
async function fill(instance: Instance, path: string): Promise<void> {
  const script = `mkdir -p ${path} && mount -t tmpfs -o size=40m,mode=700 tmpfs ${path} && dd if=/dev/zero of=${path}/fill bs=64k`;
  await instance.exec(script, { check: false });
  expect((await instance.exec(`df --output=avail ${path} | tail -n 1`)).stdout.trim()).toBe("0");
}
