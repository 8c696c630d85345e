import { expect, test } from "vitest";

import { explains } from "../../harness/explains.ts";
import { muster } from "../../harness/muster.ts";
import { expectNothingRegistered } from "../../harness/outside.ts";
import { createWorld } from "../../harness/world.ts";

const settings = `cloud: local
config:
  ulr: https://git.example.internal/ops/config.git
  refs: main
retry:
  held: { first: soon }
`;

test("invalid settings: exit 2, every error at once with its place, and no state", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot({ settings, files: { "/etc/muster/conf.d/10-log.yaml": "log: loud\n" } });
  const property = async (name: string): Promise<string> =>
    (await web.exec(["systemctl", "show", `--property=${name}`, "--value", "muster.service"])).stdout.trim();
  await web.waitFor(async () => (await property("ActiveState")) === "failed", { what: "muster.service gives up" });

  expect(await property("ExecMainStatus")).toBe("2");
  expect(await property("NRestarts"), "they do not get better by themselves").toBe("0");
  const places = [
    "/etc/muster/muster.yaml:3:3: ",
    "/etc/muster/muster.yaml:4:9: ",
    "/etc/muster/muster.yaml:6:18: ",
    "/etc/muster/conf.d/10-log.yaml:1:6: ",
  ];
  const journal = await web.journal("muster.service");
  const byHand = await muster(web, "run");
  expect(byHand.code).toBe(2);
  for (const told of [journal, byHand.stderr]) {
    expect(
      places.filter((place) => !told.includes(place)),
      told,
    ).toEqual([]);
    expect(told).toContain("url");
    expect(told).toContain("settings-invalid");
  }
  expect((await muster(web, "run --dry-run")).code).toBe(2);
  await explains(web, import.meta.dirname, {
    verdict: /^✘ Not in service: the agent cannot start with these settings, and no run was ever made/,
    todo: /Correct \/etc\/muster\/muster\.yaml:3:3: [^]*systemctl restart muster/,
  });
  expect((await web.exec("find /var/lib/muster -mindepth 1")).stdout).toBe("");
  await expectNothingRegistered(world);

  // The same file, corrected, is all it takes.
  await web.writeFile("/etc/muster/muster.yaml", "cloud: local\n");
  expect((await muster(web, "run")).code, "config.url is still missing").toBe(2);

  // What others may change is refused before it is read.
  await web.exec("chmod 0664 /etc/muster/muster.yaml");
  const refused = await muster(web, "run");
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("settings-writable-by-others");
  expect((await muster(web, "check")).stdout).toContain("may be written by group 0 (mode 0664)");
});
