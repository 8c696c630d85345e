import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";

import type { Instance } from "../../../lab/instance.ts";
import { muster, status, waitForState } from "../../harness/muster.ts";
import { announce, inSeconds } from "../../harness/notices.ts";
import { createWorld } from "../../harness/world.ts";

const script = join(import.meta.dirname, "../../../lab/services/standing-file-system.pl");

/** Mounts /srv/nas at /mnt/nas, by a process that can be told not to answer; a program of the role runs from there. */
async function mountNas(web: Instance): Promise<void> {
  await web.writeFile("/srv/standing.pl", await readFile(script, "utf8"));
  await web.exec(
    [
      "mkdir -p /srv/nas /mnt/nas",
      "echo up > /srv/nas/flag",
      "cp /bin/sleep /srv/nas/worker",
      "test -e /dev/fuse || mknod /dev/fuse c 10 229",
      "systemd-run --quiet --unit=nas perl /srv/standing.pl /srv/nas /mnt/nas",
      "for i in $(seq 100); do mountpoint -q /mnt/nas && break; sleep 0.1; done",
      "systemd-run --quiet --unit=worker /mnt/nas/worker 1000",
    ].join(" && "),
  );
}

/** Processes that wait for an answer and cannot be killed: one that only writes to its own disk waits for a moment. */
async function waitingForDisk(web: Instance): Promise<number> {
  let waiting: ReadonlySet<string> | undefined;
  for (let look = 0; look < 5; look += 1) {
    const { stdout } = await web.exec("cat /proc/[0-9]*/stat 2>/dev/null | grep ') D ' | cut -d' ' -f1 || true");
    const now = new Set(stdout.split("\n").filter((pid) => pid !== ""));
    waiting = waiting === undefined ? now : waiting.intersection(now);
    await sleep(300);
  }
  return waiting?.size ?? 0;
}

test("a network file system that stands still fails its checks and holds nothing else up", async () => {
  await using world = await createWorld(import.meta.dirname);
  const textfile = "/mnt/nas/metrics/muster.prom";
  const web = await world.boot({ settings: { metrics: { textfile } } });
  await mountNas(web);
  await waitForState(web, "in-service");
  await web.waitFor(async () => (await web.readFile("/srv/nas/metrics/muster.prom")).includes("muster_in_service 1"), {
    what: "the textfile is written",
    timeout: 20_000,
  });
  const { stdout: pid } = await web.exec("systemctl show --property=MainPID,NRestarts muster");

  await web.exec("systemctl kill --signal=USR1 nas");
  const sick = await web.waitFor(
    async () => {
      const { health } = await status(web);
      return health?.healthy === false ? health : undefined;
    },
    { what: "its checks fail", timeout: 60_000 },
  );
  const noAnswer = / answer within 2\.0 s$/;
  const verdicts = Object.fromEntries(sick.checks.map((check) => [check.name, check.ok ? true : check.seen]));
  expect(verdicts).toMatchObject({
    "disk /mnt/nas": expect.stringMatching(noAnswer) as string,
    "mount /mnt/nas": true,
    "file /mnt/nas/flag": expect.stringMatching(noAnswer) as string,
    "process worker": true,
  });
  // One is out on each path, however often it is looked at: disk, file and textfile.
  await sleep(15_000);
  const waiting = await waitingForDisk(web);
  expect(waiting).toBeGreaterThan(0);
  expect(waiting).toBeLessThanOrEqual(3);
  expect((await muster(web, "status")).stdout).not.toContain("does not answer:");

  // What the cloud says is heard and acted on in its time.
  await announce(web, { spot: { action: "terminate", at: inSeconds(120) } });
  const out = await waitForState(web, "out-of-service", { timeout: 45_000 });
  expect(out.reason).toContain("spot interruption");
  expect((await web.exec("systemctl show --property=MainPID,NRestarts muster")).stdout).toBe(pid);

  await web.exec("systemctl kill --signal=USR2 nas");
  await web.waitFor(async () => (await waitingForDisk(web)) === 0, { what: "nothing waits any more", timeout: 20_000 });
  expect((await muster(web, "run")).code).toBe(0);
  await web.waitFor(async () => !(await web.readFile("/srv/nas/metrics/muster.prom")).includes("muster_in_service 1"), {
    what: "the textfile is written again",
    timeout: 30_000,
  });
  expect((await web.exec("ls /srv/nas/metrics")).stdout).toBe("muster.prom\n");
});

test("a daemon that is stopped or dead is said so before anything else, to root and to the group", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot();
  await mountNas(web);
  await web.exec("groupadd muster && useradd -G muster ops && systemctl restart muster");
  await waitForState(web, "in-service");
  const asGroup = (words: string) => web.exec(`runuser -u ops -- muster ${words}`, { check: false, timeout: 60_000 });
  expect((await asGroup("status")).code).toBe(0);

  await web.kill("SIGSTOP");
  const root = await muster(web, "status");
  expect(root.code).toBe(5);
  expect(root.stdout).toMatch(/^✘ The daemon does not answer: its process \d+ is stopped by a signal\./);
  expect(root.stdout).toMatch(/^→ kill -CONT \d+ lets it go on/m);
  const report = JSON.parse((await muster(web, "status --json")).stdout) as Record<string, unknown>;
  expect(report["daemon"]).toMatchObject({ answers: false, code: "daemon-silent" });
  const why = await muster(web, "explain");
  expect([why.code, why.stdout.split("\n")[0]]).toEqual([5, expect.stringMatching(/^✘ The daemon does not answer: /)]);
  expect(await asGroup("status")).toMatchObject({
    code: 5,
    stderr: expect.stringMatching(/^muster: The daemon does not answer\n/) as string,
  });
  const told = await asGroup("explain");
  expect([told.code, told.stdout.split("\n")[0]]).toEqual([
    5,
    expect.stringMatching(/^✘ The daemon does not answer\. /),
  ]);
  await web.kill("SIGCONT");
  await web.waitFor(async () => (await muster(web, "status")).code === 0, { what: "it answers", timeout: 20_000 });

  await web.exec("systemctl stop muster");
  const dead = await muster(web, "status");
  expect([dead.code, dead.stdout.split("\n")[0]]).toEqual([
    5,
    expect.stringMatching(/does not answer: it is not running/),
  ]);
  expect((await asGroup("status")).code).toBe(5);
});
