// The engine is a unit of its own: whatever becomes of the agent, there is one Puppet and it ends its work.
import { expect, test } from "vitest";

import type { Instance } from "../../../lab/instance.ts";
import { explains } from "../../harness/explains.ts";
import { muster, stage, status, waitForState } from "../../harness/muster.ts";
import { pageThroughBalancer } from "../../harness/outside.ts";
import { puppetRuns } from "../../harness/puppet-count.ts";
import { createWorld, type World } from "../../harness/world.ts";

// systemd waits 5 s before it starts the agent again.
const beyondTheRestart = "12\n";
const beforeTheRestart = "3\n";

const kill = async (instance: Instance): Promise<unknown> => instance.kill("SIGKILL");
const restart = async (instance: Instance): Promise<unknown> => instance.exec("systemctl restart muster.service");

test.for([
  ["killed, and back while Puppet works", kill, beyondTheRestart],
  ["killed, and back after Puppet has ended", kill, beforeTheRestart],
  ["restarted in good order", restart, beyondTheRestart],
] as const)("%s: the run goes on with the same Puppet", async ([, interrupt, seconds]) => {
  await using world = await createWorld(import.meta.dirname);
  const web = await bootIntoSlowWork(world, seconds);
  const before = await status(web);
  const pid = (await web.exec("systemctl show --property=MainPID --value muster.service")).stdout;
  const unit = await unitOfPuppet(web);

  await interrupt(web);
  const report = await waitForState(web, "in-service");

  expect((await web.exec("systemctl show --property=MainPID --value muster.service")).stdout).not.toBe(pid);
  expect(await puppetRuns(web)).toEqual({ begun: 1, ended: [2], atOnce: 1 });
  expect(await web.readFile("/var/log/slow-work")).toBe("begin\nend\n");
  expect((await web.journal(unit)).match(/Started /g), `starts of ${unit}`).toHaveLength(1);
  expect(report.run).toMatchObject({ id: before.run?.id, cause: "boot", startType: "crash-restart" });
  expect(stage(report, "config").state).toBe("replayed");
  expect(stage(report, "converge")).toMatchObject({ state: "changed" });
  expect(await pageThroughBalancer(world)).toContain("welcome");
  expect((await web.exec("systemctl is-failed muster.service", { check: false })).stdout).toBe("active\n");
});

test("stopped for good in mid-run: status and explain say that nobody makes the run, and how it goes on", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await bootIntoSlowWork(world, "1\n");
  await web.exec("systemctl stop muster.service");
  await explains(web, import.meta.dirname, {
    verdict: /^✘ Not in service: run 1 stopped at converge, because the agent is not running/,
    todo: /systemctl status muster, then systemctl start muster/,
  });
  const shown = await muster(web, "status");
  expect(shown.code).toBe(5);
  expect(shown.stdout).toContain("stopped before its end: the agent is not running");

  await web.exec("systemctl start muster.service");
  await waitForState(web, "in-service");
  expect((await muster(web, "status")).code).toBe(0);
});

async function bootIntoSlowWork(world: World, seconds: string): Promise<Instance> {
  const web = await world.boot({ files: { "/etc/slow-seconds": seconds } });
  const begun = async (): Promise<boolean> => (await web.readFile("/var/log/slow-work")) === "begin\n";
  await web.waitFor(begun, { what: "Puppet works", every: 100 });
  return web;
}

async function unitOfPuppet(instance: Instance): Promise<string> {
  const { stdout } = await instance.exec("systemctl list-units --plain --no-legend 'muster-*-converge-1.service'");
  return stdout.split(" ")[0] ?? "";
}
