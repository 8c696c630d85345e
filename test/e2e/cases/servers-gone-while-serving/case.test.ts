import { expect, test } from "vitest";

import { explains } from "../../harness/explains.ts";
import { muster, stage, status, waitForState } from "../../harness/muster.ts";
import { pageThroughBalancer, publicName, serverStates } from "../../harness/outside.ts";
import { createWorld, usualSettings } from "../../harness/world.ts";

test("with git and DNS gone, and with a commit that fails, an instance that serves keeps serving", async () => {
  await using world = await createWorld(import.meta.dirname);
  const { git, dns, haproxy } = world.services;
  const config = { ...usualSettings(world.services).config, deadline: "2s" };
  const web = await world.boot({ settings: { config } });
  const first = await waitForState(web, "in-service");
  const before = await serverStates(world);
  const watch = haproxy.watch("/", { host: publicName });

  await Promise.all([git.stop(), dns.stop()]);
  const offline = await muster(web, "run converge health");
  expect(offline.code, offline.stdout).toBe(0);
  expect(stage(await status(web), "config").text).toContain("offline");
  await explains(
    web,
    import.meta.dirname,
    {
      verdict: /^✔ In service: every gate passed/,
      todo: /Nothing/,
    },
    "explain-offline",
  );
  await Promise.all([git.start(), dns.start()]);

  const manifest = "include page\nfile { '/srv/missing/file': content => '' }\n";
  await world.repo.commitFiles({ "manifests/site.pp": manifest }, "does not work");
  const failed = await muster(web, "run");
  expect(failed.code, failed.stdout).toBe(1);
  expect(failed.stdout).toContain("failed at converge");
  expect(await status(web)).toMatchObject({
    state: "in-service",
    since: first.since,
    error: { code: "converge-resources-failed" },
  });
  await explains(
    web,
    import.meta.dirname,
    {
      verdict: /^! In service, but run \d failed at converge: .*File\[\/srv\/missing\/file\]/,
      todo: /./,
    },
    "explain-failed",
  );
  expect((await muster(web, "status")).code).toBe(1);
  expect((await web.exec("systemctl is-active muster-ready.target")).stdout).toBe("active\n");
  expect(await serverStates(world)).toEqual(before);

  const fixed = await world.repo.commitFiles({ "manifests/site.pp": "include page\n" }, "works");
  expect((await muster(web, "run")).code).toBe(0);
  await watch.stop();
  expect(await status(web)).toMatchObject({ state: "in-service", since: first.since, commit: fixed });
  expect((await muster(web, "status")).code).toBe(0);
  expect(watch.failures).toEqual([]);
});

test("a reboot without git comes up from the local copy", async () => {
  await using world = await createWorld(import.meta.dirname);
  const config = { ...usualSettings(world.services).config, deadline: "2s" };
  const web = await world.boot({ settings: { config } });
  const first = await waitForState(web, "in-service");
  await world.services.git.stop();
  await web.reboot();
  const again = await waitForState(web, "in-service", { run: ({ id }) => id !== first.run?.id });
  expect(again).toMatchObject({ commit: first.commit, run: { startType: "reboot" } });
  expect(await pageThroughBalancer(world)).toContain("welcome");
});
