// A boot that finds a security update which needs a reboot: one run, one planned reboot, and the page is served with it.
import { expect, test } from "vitest";

import { suites } from "../../../lab/prepare/image.ts";
import { labPackages } from "../../../lab/services/apt-packages.ts";
import { muster, stage, waitForState } from "../../harness/muster.ts";
import { pageThroughBalancer, servers } from "../../harness/outside.ts";
import { createWorld } from "../../harness/world.ts";

test.for(suites)("%s is patched, reboots as planned, and serves the new version", async (suite) => {
  await using world = await createWorld(import.meta.dirname, { suite });
  await world.services.apt.publish(labPackages.restart("1.1"), "security");
  const web = await world.boot();
  const report = await waitForState(web, "in-service");

  expect(web.boots()).toBe(2);
  expect(await pageThroughBalancer(world)).toBe("served with muster-lab-restart 1.1\n");
  expect((await servers(world)).map(({ state }) => state)).toEqual(["UP"]);
  expect(report.run).toMatchObject({ cause: "boot", startType: "planned-reboot" });
  expect(report.rebootRequired.required).toBe(false);
  const tags = JSON.parse(await web.readFile("/var/lib/muster/instance-tags.json")) as unknown;
  expect(tags).toMatchObject({
    "muster:patched": expect.stringMatching(/^20\d\d-.*Z upgraded=3 pending=\d+$/) as string,
  });
  expect(stage(report, "config").state).toBe("replayed");

  // One run, with one planned reboot in its journal, that is no failure to anybody.
  const runs = (await web.exec("ls /var/lib/muster/runs")).stdout.trim().split("\n");
  expect(runs).toEqual([report.run?.id]);
  const journal = await web.readFile(`/var/lib/muster/runs/${runs[0]}/journal.jsonl`);
  const kinds = journal
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { kind: string; stage?: string; boot: string });
  expect(kinds.filter(({ kind }) => kind === "reboot-planned")).toMatchObject([{ stage: "patch" }]);
  expect(kinds.filter(({ kind }) => kind === "step-failed")).toEqual([]);
  expect(new Set(kinds.map(({ boot }) => boot)).size).toBe(2);
  // Nothing was registered, and Puppet did not run, before the reboot.
  const [firstBoot] = kinds;
  const before = kinds.filter(({ boot }) => boot === firstBoot?.boot).map(({ stage: name }) => name);
  expect(before).not.toContain("converge");
  expect((await web.exec(["systemctl", "is-failed", "muster.service"], { check: false })).stdout).toBe("active\n");
  expect((await web.exec("systemctl --failed --no-legend")).stdout).toBe("");
  const told = await web.journal("muster.service");
  expect(told).toMatch(/rebooting: planned, after patch: muster-lab-restart asks for a reboot/);
  expect((await web.exec("ls /var/lib/muster")).stdout).not.toContain("reboots.json");
  expect((await muster(web, "status")).code).toBe(0);
});
