import { expect, test } from "vitest";

import { explains } from "../../harness/explains.ts";
import { waitForStage, waitForState } from "../../harness/muster.ts";
import { backend, expectNothingRegistered, pageThroughBalancer, published, servers } from "../../harness/outside.ts";
import { createWorld } from "../../harness/world.ts";

test("in service is the balancer's word: while it does not say up the instance is held and taken out again", async () => {
  await using world = await createWorld(import.meta.dirname);
  await world.services.haproxy.setHealthPath(backend, "/not-there");
  const web = await world.boot();

  await waitForStage(web, "register", ["waiting"]);
  const looked = async (): Promise<boolean> => (await servers(world))[0]?.checkCode !== undefined;
  await web.waitFor(looked, { what: "HAProxy has looked", every: 100 });
  expect(await servers(world)).toMatchObject([{ address: web.address, checkCode: 404 }]);
  expect(await published(world), "no name before the balancer is content").toEqual([]);
  expect((await world.services.haproxy.get("/", { host: "www.example.internal" })).status, "no user gets there").toBe(
    503,
  );

  const { error } = await waitForState(web, "held");
  expect(error?.code).toBe("balancer-not-healthy");
  expect(error?.message).toMatch(/404/);
  expect(error?.message, "plain words, not HAProxy's codes").not.toContain("L7STS");
  await explains(web, import.meta.dirname, {
    verdict: /^✘ Not in service, held at register: The balancer does not say healthy: .*404/,
    todo: /the balancer's own check/,
  });
  await expectNothingRegistered(world);

  await world.services.haproxy.setHealthPath(backend, "/");
  await waitForState(web, "in-service");
  expect(await pageThroughBalancer(world)).toContain("welcome");
});
