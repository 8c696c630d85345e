// `muster check` on an instance also knows its units: one that waits for muster-ready.target could never start,
// because the gates that it waits for wait for it.
import { expect, test } from "vitest";

import { createLab } from "../../../lab/lab.ts";

const catalogue = `version: 1
roles:
  web:
    health: { service: [{ unit: early.service }, { unit: late.service }] }
`;

function unit(after: string): string {
  return `[Unit]\nAfter=${after}\n[Service]\nExecStart=/bin/sleep infinity\n`;
}

test("a unit that waits for the gates which wait for it is refused", async () => {
  await using lab = await createLab();
  const instance = await lab.boot({
    enableMuster: false,
    files: {
      "/srv/repo/muster.yaml": catalogue,
      "/etc/systemd/system/early.service": unit("network.target"),
      "/etc/systemd/system/late.service": unit("muster-ready.target"),
    },
  });
  const { code, stdout } = await instance.exec(["muster", "check", "/srv/repo"], { check: false });
  expect(stdout.trim().split("\n")).toEqual([
    expect.stringMatching(
      /^\/srv\/repo\/muster.yaml:4:\d+: .*not ordered after muster-ready.target, found late.service/,
    ),
  ]);
  expect(code).toBe(2);
});
