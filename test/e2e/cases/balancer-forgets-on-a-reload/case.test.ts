import { expect, test } from "vitest";

import { status, waitForState } from "../../harness/muster.ts";
import { pageThroughBalancer, servers } from "../../harness/outside.ts";
import { puppetRuns } from "../../harness/puppet-count.ts";
import { createWorld } from "../../harness/world.ts";

test("a balancer that forgot the instance, and a zone that lost its name, are put right without a run", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot({ id: "i-one" });
  const before = await waitForState(web, "in-service");
  await world.services.haproxy.reload();
  expect(await servers(world)).toEqual([]);
  await web.exec(["nsupdate", "-k", "/etc/muster/lab/dns.key"], {
    input: `server ${world.services.dns.address}\nupdate delete web-i-one.example.internal A\nsend\n`,
  });
  expect(await world.services.dns.query("web-i-one.example.internal", "A")).toEqual([]);

  const back = async (): Promise<boolean> => (await servers(world))[0]?.state === "UP";
  await web.waitFor(back, { what: "the balancer has it again" });
  const named = async (): Promise<boolean> =>
    (await world.services.dns.query("web-i-one.example.internal", "A")).length > 0;
  await web.waitFor(named, { what: "the name is back" });
  expect(await pageThroughBalancer(world)).toContain("welcome");
  const said = async (): Promise<boolean> => (await web.journal("muster.service")).includes("membership-repaired");
  await web.waitFor(said, { what: "it is said" });
  expect(await status(web)).toMatchObject({ state: "in-service", since: before.since, run: { id: before.run?.id } });
  expect((await puppetRuns(web)).begun).toBe(1);
});
