// Two instances that serve, and an update that needs a reboot: they patch one after the other, and no user notices.
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";

import type { Instance } from "../../../lab/instance.ts";
import { labPackages } from "../../../lab/services/apt-packages.ts";
import { expectNoFailures, startLoad } from "../../harness/load.ts";
import { muster, status, waitForState } from "../../harness/muster.ts";
import { published, servers } from "../../harness/outside.ts";
import { createWorld, type World } from "../../harness/world.ts";

const isPatched = ({ cause }: { cause: string }) => cause === "patch";
const slotName = "_muster-slot-1.web-dev.example.internal";

test("each takes the slot, leaves, patches, reboots and comes back; never both", { timeout: 600_000 }, async () => {
  await using world = await createWorld(import.meta.dirname);
  const webs = await Promise.all([world.boot({ id: "i-one" }), world.boot({ id: "i-two" })]);
  await Promise.all(webs.map((web) => waitForState(web, "in-service")));

  const load = startLoad(world);
  const watch = watchBalancer(world);
  await world.services.apt.publish(labPackages.restart("1.1"), "security");
  const out = await Promise.race(webs.map((web) => leaves(web)));
  expect(out.report).toMatchObject({
    reason: "patching in its window",
    slot: { purpose: "patch", number: 1, count: 1, name: "web-dev.example.internal" },
  });
  expect(out.explained).toMatch(/holds slot 1 of 1 of web-dev\.example\.internal until/);

  const reports = await Promise.all(
    webs.map((web) => waitForState(web, "in-service", { timeout: 420_000, run: isPatched })),
  );
  const { fewest } = await watch.stop();
  await expectNoFailures(load);

  expect(fewest, "members that the balancer calls UP").toBe(1);
  for (const [at, web] of webs.entries()) {
    expect(web.boots()).toBe(2);
    expect(reports[at]?.rebootRequired.required).toBe(false);
    expect(reports[at]?.patched?.upgraded).toBe(1);
    expect(await version(web, "muster-lab-restart")).toBe("1.1");
    // A moment after it serves.
    await web.waitFor(async () => (await status(web)).slot === undefined, {
      what: `${web.name} gives its slot back`,
      timeout: 10_000,
      every: 200,
    });
    expect((await web.exec("ls /var/lib/muster")).stdout).not.toContain("slot.json");
  }
  expect((await servers(world)).map(({ state }) => state)).toEqual(["UP", "UP"]);
  expect((await published(world)).map(({ name }) => name)).not.toContain(slotName);
});

test(
  "the power goes while one patches: it boots, is patched, and gives its slot to the other",
  { timeout: 600_000 },
  async () => {
    await using world = await createWorld(import.meta.dirname);
    const webs = await Promise.all([world.boot({ id: "i-one" }), world.boot({ id: "i-two" })]);
    await Promise.all(webs.map((web) => waitForState(web, "in-service")));

    const load = startLoad(world);
    await world.services.apt.publish(labPackages.slow("1.1", { seconds: 8 }), "security");
    const first = await Promise.race(webs.map((web) => begins(web)));
    await first.powerCut();
    await Promise.all(
      webs.map((web) =>
        web.waitFor(
          async () => (await version(web, "muster-lab-slow")) === "1.1" && (await status(web)).state === "in-service",
          {
            what: `${web.name} is patched and serves`,
            timeout: 300_000,
            every: 1_000,
          },
        ),
      ),
    );
    await expectNoFailures(load);
    await first.waitFor(async () => (await published(world)).every(({ name }) => name !== slotName), {
      what: "nobody holds the slot",
      timeout: 60_000,
      every: 500,
    });
  },
);

/** Resolves once its package is being installed. */
async function begins(web: Instance): Promise<Instance> {
  await web.waitFor(
    async () => (await web.exec("test -e /var/lib/muster-lab-slow/started", { check: false })).code === 0,
    {
      what: `${web.name} patches`,
      timeout: 300_000,
      every: 300,
    },
  );
  return web;
}

async function version(web: Instance, name: string): Promise<string> {
  return (await web.exec(["dpkg-query", "-W", "-f", "${Status} ${Version}", name])).stdout.replace(
    "install ok installed ",
    "",
  );
}

/** Resolves once it is out of service to patch. */
async function leaves(web: Instance) {
  const report = await web.waitFor(
    async () => {
      const seen = await status(web);
      return seen.state === "out-of-service" || seen.state === "leaving" ? seen : undefined;
    },
    { what: `${web.name} leaves to patch`, timeout: 300_000, every: 300 },
  );
  return { report, explained: (await muster(web, "explain")).stdout };
}

/** How few members the balancer ever had. */
function watchBalancer(world: World) {
  const stopping = new AbortController();
  let fewest = Number.POSITIVE_INFINITY;
  async function look(): Promise<void> {
    while (!stopping.signal.aborted) {
      const up = (await servers(world)).filter(({ state }) => state === "UP").length;
      fewest = Math.min(fewest, up);
      await sleep(200);
    }
  }
  const looking = look();
  return {
    async stop() {
      stopping.abort();
      await looking;
      return { fewest };
    },
  };
}
