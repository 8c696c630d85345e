import { expect, test } from "vitest";

import { explains } from "../../harness/explains.ts";
import { muster, waitForState } from "../../harness/muster.ts";
import { createWorld, usualTags } from "../../harness/world.ts";

const strangers = {
  "muster:ref": "attack",
  "muster:config.url": "https://evil.example.com/config.git",
  "muster:environmnet": "production",
};

test("tags that the settings do not trust steer nothing; status and log say so", async () => {
  await using world = await createWorld(import.meta.dirname);
  await world.repo.commitFiles({ "manifests/site.pp": "file { '/srv/attacked': content => '' }\n" }, "attack", {
    branch: "attack",
  });
  const settings = { tags: { prefix: "muster:", trust: ["role", "environment"] } };
  const web = await world.boot({ tags: { ...usualTags, ...strangers, unrelated: "tag" }, settings });
  const report = await waitForState(web, "in-service");

  expect(report).toMatchObject({ ref: "main", commit: await world.repo.head(), environment: "dev" });
  const refused = report.notices.filter(({ code }) => code === "tag-refused").map(({ text }) => text);
  expect(refused).toHaveLength(3);
  const shown = (await muster(web, "status")).stdout;
  const journal = await web.journal("muster.service");
  for (const key of Object.keys(strangers)) {
    expect(
      refused.some((text) => text.includes(key)),
      `${key} in status --json`,
    ).toBe(true);
    expect(shown).toContain(key);
    expect(journal).toContain(key);
  }
  expect(refused.find((text) => text.includes("environmnet"))).toContain("environment");
  await explains(web, import.meta.dirname, {
    verdict: /^✔ In service: every gate passed/,
    todo: /Nothing/,
  });
  expect((await web.exec("ls /srv/attacked", { check: false })).code).not.toBe(0);
});
