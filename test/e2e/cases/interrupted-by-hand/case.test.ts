// Ctrl-C on `muster run`.
import { expect, test } from "vitest";

import type { Instance } from "../../../lab/instance.ts";
import type { RunResult } from "../../../lab/run.ts";
import { explains } from "../../harness/explains.ts";
import { muster, status, waitForState } from "../../harness/muster.ts";
import { expectNothingRegistered } from "../../harness/outside.ts";
import { puppetRuns } from "../../harness/puppet-count.ts";
import { createWorld } from "../../harness/world.ts";

const working = async (web: Instance): Promise<boolean> => (await web.readFile("/var/log/slow-work")) === "begin\n";

test("with a daemon it detaches: the run goes on there", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot();
  await web.waitFor(async () => working(web), { what: "Puppet works", every: 100 });
  const running = runByHand(web);
  const queued = async (): Promise<boolean> => (await web.readFile("/run/by-hand")).includes("Waiting for");
  await web.waitFor(queued, { what: "the daemon has the request", every: 100 });
  await web.exec("kill -s INT $(cat /run/by-hand.pid)");
  const { code, stderr } = await running;
  expect(code).toBe(130);
  expect(stderr).toContain("where a daemon lives its work goes on");
  await waitForState(web, "in-service", { run: ({ cause }) => cause === "manual" });
  expect(await puppetRuns(web)).toEqual({ begun: 2, ended: [2, 0], atOnce: 1 });
});

test("without one it is cancelled: Puppet ends with it, and the next run does the work", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot({ enableMuster: false });
  const running = runByHand(web);
  await web.waitFor(async () => working(web), { what: "Puppet works", every: 100 });
  await web.exec("kill -s INT $(cat /run/by-hand.pid)");
  const { code } = await running;

  expect(await web.readFile("/run/by-hand")).toContain("run-cancelled");
  expect(code).toBe(130);
  expect((await web.exec("systemctl list-units --plain --no-legend 'muster-*-converge-1.service'")).stdout).toBe("");
  expect((await web.exec("pgrep -x sleep; pgrep -f '[p]uppet apply'", { check: false })).stdout, "what is left").toBe(
    "",
  );
  expect((await status(web)).error).toMatchObject({ code: "run-cancelled" });
  await explains(web, import.meta.dirname, {
    verdict: /^✘ Not in service and not tried again: the agent is not running\. It was held at converge: .*cancelled/,
    todo: /systemctl start muster[^]*muster run/,
  });
  await expectNothingRegistered(world);
  expect((await muster(web, "run")).code).toBe(0);
});

/** Ends with the command; what it prints is in /run/by-hand as it comes, its process in /run/by-hand.pid. */
function runByHand(web: Instance): Promise<RunResult> {
  const command = "muster run > /run/by-hand & echo $! > /run/by-hand.pid; wait $!";
  return web.exec(command, { check: false, timeout: 90_000 });
}
