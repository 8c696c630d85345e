import { expect, test } from "vitest";

import { explains } from "../../harness/explains.ts";
import { muster, waitForState } from "../../harness/muster.ts";
import { expectNothingRegistered } from "../../harness/outside.ts";
import { createWorld } from "../../harness/world.ts";

/** Starts with the machine, and says why it does not work. */
const brokenUnit = `[Unit]
Description=a service that cannot bind
[Service]
ExecStart=/bin/sh -c 'echo "page: cannot bind to 0.0.0.0:80: Address already in use" >&2; exit 1'
`;
const wanted = "[Unit]\nWants=broken.service\n";

test("a gate that never passes holds the instance: nothing registered, exit 3, expected and seen on record", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot({
    files: {
      "/etc/systemd/system/broken.service": brokenUnit,
      "/etc/systemd/system/multi-user.target.d/broken.conf": wanted,
    },
  });
  const { error } = await waitForState(web, "held");

  expect(error?.code).toBe("health-failed");
  expect(error?.message).toContain("good morning");
  expect(error?.message).toContain("http://127.0.0.1/");
  expect(error?.message).toContain("its log: page: cannot bind to 0.0.0.0:80: Address already in use");
  await expectNothingRegistered(world);
  const ready = await web.exec("systemctl is-active muster-ready.target", { check: false });
  expect(ready.stdout).toBe("inactive\n");
  const tags: unknown = JSON.parse(await web.readFile("/var/lib/muster/instance-tags.json"));
  expect(tags).toMatchObject({ "muster:state": "held" });
  await explains(web, import.meta.dirname, {
    verdict: /^✘ Not in service, held at health: 2 of \d health checks did not pass.*cannot bind.*good morning/,
    todo: /log of the service/,
  });

  // A run by hand ends as the boot run did, and says so.
  const byHand = await muster(web, "run");
  expect(byHand.code).toBe(3);
  expect(byHand.stdout).toContain("held (out of service) at health");
  const shown = await muster(web, "status");
  expect(shown.code).toBe(3);
  expect(shown.stdout).toContain("good morning");
  await expectNothingRegistered(world);
});
