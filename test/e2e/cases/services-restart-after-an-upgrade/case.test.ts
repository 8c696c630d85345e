// A library is upgraded: what had loaded it is restarted, what had not is left alone, and so is what serves.
import { expect, test } from "vitest";

import type { Instance } from "../../../lab/instance.ts";
import { extrasImageDirectory } from "../../../lab/prepare/extras-image.ts";
import { suites } from "../../../lab/prepare/image.ts";
import { labPackages, libraryPath } from "../../../lab/services/apt-packages.ts";
import { muster, stage, status, waitForState } from "../../harness/muster.ts";
import { createWorld } from "../../harness/world.ts";

test.for(suites)("on %s, services that had loaded the old library are restarted, but not in service", async (suite) => {
  await using world = await createWorld(import.meta.dirname, { suite });
  const { apt } = world.services;
  await apt.publish(labPackages.library("1.0"), "main");
  const web = await world.boot({
    image: extrasImageDirectory(suite),
    enableMuster: false,
    files: {
      "/etc/systemd/system/user.service": service(libraryPath),
      "/etc/systemd/system/docker.service": service(libraryPath),
      "/etc/systemd/system/bystander.service": service(""),
    },
  });
  await web.exec("apt-get update && apt-get install --yes muster-lab-library");
  await web.exec("systemctl start user docker bystander");
  const before = await pids(web);

  await apt.publish(labPackages.library("1.1"), "security");
  await web.exec("apt-get update");
  const plan = (await muster(web, "run --dry-run")).stdout;
  expect(plan).toContain("restart what runs replaced code then");
  await web.exec("systemctl start --no-block muster.service");
  const report = await waitForState(web, "in-service");
  const restarted = await pids(web);
  expect(restarted.user).not.toBe(before.user);
  expect(restarted).toMatchObject({ docker: before.docker, bystander: before.bystander });
  expect(stage(report, "patch").facts).toMatchObject({ restarted: ["user.service"] });
  expect(stage(report, "patch").text).toMatch(/; 1 service restarted$/);
  expect(report.notices).toContainEqual(
    expect.objectContaining({
      code: "services-outdated",
      text: expect.stringMatching(/only a reboot .*: docker\.service$/) as string,
    }),
  );

  await apt.publish(labPackages.library("1.2"), "security");
  expect((await muster(web, "run patch")).code).toBe(0);
  expect(await pids(web)).toEqual(restarted);
  expect((await status(web)).notices).toContainEqual(
    expect.objectContaining({
      text: expect.stringMatching(/while the instance serves: docker\.service, user\.service$/) as string,
    }),
  );

  await muster(web, "drain");
  expect((await muster(web, "run patch")).stdout).toContain("1 service restarted");
  expect(await pids(web)).not.toMatchObject({ user: restarted.user });
  expect((await muster(web, "join")).code).toBe(0);
});

function service(preload: string): string {
  return `[Service]\nEnvironment=LD_PRELOAD=${preload}\nExecStart=sleep infinity\n`;
}

async function pids(instance: Instance) {
  async function pidOf(unit: string): Promise<string> {
    return (await instance.exec(["systemctl", "show", "--property=MainPID", "--value", unit])).stdout.trim();
  }
  return { user: await pidOf("user"), docker: await pidOf("docker"), bystander: await pidOf("bystander") };
}
