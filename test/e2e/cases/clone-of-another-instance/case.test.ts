import { stringify } from "yaml";
import { expect, test } from "vitest";

import { waitForState } from "../../harness/muster.ts";
import { published, servers } from "../../harness/outside.ts";
import { createWorld, usualTags } from "../../harness/world.ts";

test("an image of an instance that ran boots as an instance of its own", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot({ id: "i-model" });
  const first = await waitForState(web, "in-service");
  // As an image does: the disk as it is at this moment, under another identity.
  await web.exec("systemctl stop muster.service; sync");
  await web.writeFile("/etc/muster/instance.yaml", stringify({ id: "i-clone", zone: "local-b", tags: usualTags }));
  await web.exec("touch /var/lib/muster/config.git/planted /var/lib/muster/worktrees/planted; sync");
  await web.powerCut();

  const report = await waitForState(web, "in-service", { run: ({ startedAt }) => startedAt !== first.run?.startedAt });
  expect(report.run).toMatchObject({ cause: "boot", startType: "clone" });
  expect(report.instance).toMatchObject({ id: "i-clone", zone: "local-b" });
  // Whose state it was is said once; nothing else tells of the model any more.
  expect(report.notices.map(({ text }) => text)).toContain(
    "The state in this image belonged to instance i-model; it was removed",
  );
  expect(JSON.stringify({ ...report, notices: [] })).not.toContain("i-model");
  const found = await web.exec("grep -rlF i-model /var/lib/muster /run/muster", { check: false });
  expect(found.stdout.trim().split("\n"), "files that tell of the model").toEqual(["/var/lib/muster/status.json"]);
  const planted = await web.exec("find /var/lib/muster -name planted");
  expect(planted.stdout, "what the image brought along of mirror and worktrees").toBe("");
  // What belongs to the model stays the model's: the clone adds its own and takes nothing away.
  const names = (await published(world)).filter(({ type }) => type === "A").map(({ name }) => name);
  expect(names.toSorted()).toEqual(["web-i-clone.example.internal", "web-i-model.example.internal"]);
  expect((await servers(world)).map(({ name }) => name).toSorted()).toEqual(["i-clone-80", "i-model-80"]);
});
