import { expect, test } from "vitest";

import { instancePaths } from "../../../lab/services/services.ts";
import { explains } from "../../harness/explains.ts";
import { waitForState } from "../../harness/muster.ts";
import { expectNothingRegistered, pageThroughBalancer } from "../../harness/outside.ts";
import { createWorld } from "../../harness/world.ts";

test("over ssh, and with a key of the image on every commit: what nobody signed is not applied", async () => {
  await using world = await createWorld(import.meta.dirname);
  const config = {
    url: world.services.git.url("ssh", "ops/config"),
    ssh: { key: instancePaths.sshKey, knownHosts: instancePaths.knownHosts },
    signers: instancePaths.allowedSigners,
  };
  const web = await world.boot({ settings: { config } });
  const held = await waitForState(web, "held");
  expect(held.error).toMatchObject({ code: "commit-unsigned" });
  await explains(web, import.meta.dirname, {
    verdict: /^✘ Not in service, held at config: .*signature/,
    todo: /./,
  });
  await expectNothingRegistered(world);

  const signed = await world.repo.commitFiles({}, "reviewed", { sign: true });
  const report = await waitForState(web, "in-service");
  expect(report.commit).toBe(signed);
  expect(await pageThroughBalancer(world)).toContain("welcome");
});
