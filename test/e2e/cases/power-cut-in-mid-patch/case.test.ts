import { expect, test } from "vitest";

import type { Instance } from "../../../lab/instance.ts";
import { labPackages } from "../../../lab/services/apt-packages.ts";
import { stage, waitForState } from "../../harness/muster.ts";
import { pageThroughBalancer, servers } from "../../harness/outside.ts";
import { createWorld } from "../../harness/world.ts";

test("a power cut while dpkg configures: repaired, and the same end state as undisturbed", async () => {
  await using world = await createWorld(import.meta.dirname);
  await world.services.apt.publish(labPackages.slow("1.1", { seconds: 4 }), "security");
  const [cut, undisturbed] = await Promise.all([world.boot(), world.boot()]);
  const configuring = async (): Promise<boolean> =>
    (
      await cut.exec(
        "test -s /var/lib/muster-lab-slow/started && dpkg-query --show --showformat '${Status}' muster-lab-slow",
      )
    ).stdout.includes("half-configured");
  await cut.waitFor(configuring, { what: "dpkg configures the slow package", every: 50 });
  await cut.powerCut();

  const report = await waitForState(cut, "in-service");
  await waitForState(undisturbed, "in-service");
  expect(cut.boots()).toBe(2);
  expect(report.run).toMatchObject({ cause: "boot", startType: "interrupted-reboot" });
  expect(stage(report, "patch").state).toBe("changed");
  expect((await cut.exec("dpkg --audit")).stdout).toBe("");
  expect(await packages(cut)).toBe(await packages(undisturbed));
  expect(await packages(cut)).toContain("muster-lab-slow 1.1 install ok installed\n");
  expect(await cut.readFile("/var/lib/muster-lab-slow/done")).toBe("1.1\n");
  expect(await cut.journal("muster.service")).toMatch(/interrupted|repair/i);
  expect((await servers(world)).map(({ state }) => state)).toEqual(["UP", "UP"]);
  expect(await pageThroughBalancer(world)).toContain("welcome");
});

async function packages(instance: Instance): Promise<string> {
  return (await instance.exec("dpkg-query --show --showformat '${Package} ${Version} ${Status}\\n'")).stdout;
}
