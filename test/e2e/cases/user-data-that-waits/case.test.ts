import { expect, test } from "vitest";

import { status, waitForState } from "../../harness/muster.ts";
import { createWorld } from "../../harness/world.ts";

// As cloud-init 22.4 does: `status --wait` ends when the final stage has, and that waits for the user data
// (https://cloudinit.readthedocs.io/en/22.4/topics/cli.html#status).
const cloudInit = `#!/bin/sh
case "$1" in
status) while ! test -e /run/cloud-init-done; do sleep 0.2; done ;;
modules) /usr/local/bin/user-data; touch /run/cloud-init-done ;;
esac
`;

const userData = `#!/bin/sh
muster status --wait > /run/user-data.out 2>&1
echo $? > /run/user-data.code
`;

// Shipped after multi-user.target, as on Debian.
const unit = `[Unit]
After=multi-user.target
[Service]
Type=oneshot
RemainAfterExit=yes
KillMode=process
TimeoutSec=0
ExecStart=/usr/bin/cloud-init modules --mode=final
`;

test("user data that waits for an instance that waits for cloud-init ends at once, and the boot goes on", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot({
    files: {
      "/usr/bin/cloud-init": { content: cloudInit, mode: 0o755 },
      "/usr/local/bin/user-data": { content: userData, mode: 0o755 },
      "/etc/systemd/system/cloud-final.service": { content: unit },
    },
  });
  const waiting = await web.waitFor(
    async () => {
      const report = await status(web);
      return report.waitsFor === undefined ? undefined : report;
    },
    { what: "it says what it waits for", timeout: 30_000 },
  );
  expect(waiting).toMatchObject({ state: "starting", waitsFor: "cloud-init" });
  expect(waiting.reason).toMatch(/^waiting for cloud-init/);
  await web.exec("systemctl start --no-block cloud-final");
  await waitForState(web, "in-service");
  expect(await web.readFile("/run/user-data.code")).toBe("6\n");
  expect(await web.readFile("/run/user-data.out")).toMatch(/^waiting for cloud-init[^]*\(cloud-init-waits\)\n$/);
  // Without cloud-init among its ancestors it waits, and ends with the instance in service.
  expect((await web.exec("muster status --wait")).code).toBe(0);
});
