import { expect, test } from "vitest";

import { explains } from "../../harness/explains.ts";
import { muster, waitForState } from "../../harness/muster.ts";
import { expectNothingRegistered } from "../../harness/outside.ts";
import { puppetRuns } from "../../harness/puppet-count.ts";
import { createWorld } from "../../harness/world.ts";

test("an invalid catalogue holds the instance and names every place; the next commit frees it", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot();
  const { error } = await waitForState(web, "held");

  expect(error?.code).toBe("catalogue-invalid");
  const file = `muster.yaml@${(await world.repo.head()).slice(0, 12)}`;
  expect(error?.message).toContain(`${file}:4:5: `);
  expect(error?.message).toContain("patch");
  expect(error?.message).toContain(`${file}:6:24: `);
  expect(error?.message).toContain("eighty");
  expect((await muster(web, "status")).stdout).toContain(`${file}:4:5`);
  await explains(web, import.meta.dirname, {
    verdict:
      /^✘ Not in service, held at config: The catalogue is not valid.*muster\.yaml@[0-9a-f]{12}:4:5: .*and \d more/,
    todo: /Correct these places/,
  });
  await expectNothingRegistered(world);
  expect((await puppetRuns(web)).begun).toBe(0);

  await world.repo.commitFiles(
    { "muster.yaml": "version: 1\nroles: { web: { patch: { scope: none } } }\n" },
    "correct it",
  );
  await waitForState(web, "in-service");
});
