// What disks, memory and people do to an instance: it says what is wrong, and goes on from the last thing it knows.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Instance } from "../../lab/instance.ts";
import { setTripwire } from "../../lab/machine/tripwire.ts";
import { muster, status, waitForState } from "../harness/muster.ts";
import { puppetRuns } from "../harness/puppet-count.ts";
import { createScene, type Scene } from "./scene.ts";
import { runs } from "./state.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await createScene("plain");
});

afterAll(() => scene[Symbol.asyncDispose]());

test("Puppet is killed as the kernel does for want of memory: held, tried again, and the end is the same", async () => {
  const { instance, id } = await scene.boot();
  await using _ = instance;
  const wire = await setTripwire(instance, "/srv/work\\.new$", () => true);
  await instance.exec("systemctl start --no-block muster.service");
  await wire.hit;
  await wire.cut();
  process.kill(pidOfPuppet(instance), "SIGKILL");
  await instance.thaw();
  await instance.waitFor(async () => (await instance.journal("muster.service")).includes("]: held: converge: "), {
    what: "held at converge",
  });
  expect(await servers(instance)).toEqual([]);

  await waitForState(instance, "in-service");
  expect((await puppetRuns(instance)).atOnce).toBe(1);
  expect(runs(instance).length).toBe(2);
  expect(await scene.differencesOf(instance, id)).toEqual([]);
});

test("state files are garbled: each is set aside and said, and the instance serves on", async () => {
  const { instance } = await scene.boot();
  await using _ = instance;
  await instance.exec("systemctl start --no-block muster.service");
  await waitForState(instance, "in-service");
  for (const name of ["status", "applied", "instance", "instance-tags", "membership"]) {
    await garble(instance, `/var/lib/muster/${name}.json`);
    expect(await instance.journal("muster.service"), name).toMatch(new RegExp(`${name}.json(\\.unreadable-1| cannot)`));
    expect(await instance.exec(`ls /var/lib/muster/${name}.json*`).then(({ stdout }) => stdout)).toContain(
      `${name}.json.unreadable-1`,
    );
  }
  const run = runs(instance).at(-1) ?? "";
  await garble(instance, `/var/lib/muster/runs/${run}/journal.jsonl`);
  expect(await instance.journal("muster.service")).toContain(`The journal of run ${run} cannot be read`);
  expect((await muster(instance, "run")).code).toBe(0);
  await waitForState(instance, "in-service");
});

test("the file systems are read-only at boot: nothing is registered, and all is well when it is not any more", async () => {
  const { instance, id } = await scene.boot();
  await using _ = instance;
  // Not the root itself: the journal of systemd, open for writing, keeps it from being remounted.
  const places = "/etc /usr /srv /var/lib /var/cache";
  await instance.exec(`for d in ${places}; do mount --bind $d $d && mount -o remount,bind,ro $d || exit 1; done`);
  await instance.exec("systemctl start --no-block muster.service");
  await instance.waitFor(async () => /read-only file system/i.test(await instance.journal("muster.service")), {
    what: "the journal says why",
  });
  expect(await servers(instance)).toEqual([]);
  await instance.exec(`for d in ${places}; do mount -o remount,bind,rw $d || exit 1; done`);
  await waitForState(instance, "in-service");
  expect(await scene.differencesOf(instance, id)).toEqual([]);
});

async function garble(instance: Instance, path: string): Promise<void> {
  await instance.exec(`systemctl stop muster.service && printf '{"v":1,"at":"20' > ${path}`);
  await instance.exec("systemctl start muster.service");
  await instance.waitFor(async () => (await status(instance)).run?.finished === true, { what: "it stands" });
  await waitForState(instance, "in-service");
}

async function servers(instance: Instance): Promise<unknown[]> {
  const all = await scene.world.services.haproxy.servers("web-dev");
  return all.filter(({ address }) => address === instance.address);
}

function pidOfPuppet(instance: Instance): number {
  const slice = join(instance.outside.cgroup, "payload/system.slice");
  const unit = readdirSync(slice).find((name) => /^muster-.*-converge-1\.service$/.test(name)) ?? "";
  const pids = readFileSync(join(slice, unit, "cgroup.procs"), "utf8")
    .trim()
    .split("\n");
  const puppet = pids.find((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("ruby"));
  return Number(puppet);
}
