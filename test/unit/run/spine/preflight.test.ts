// What is found out beside patching, before anything is converged or registered.
import { expect, test } from "vitest";
import { catalogue, createWorld, never, stopPoint, story, trouble, type World } from "../world.ts";

/** Of a role that is reached by its name alone, with something to patch. */
async function createNamed(): Promise<World> {
  const world = await createWorld();
  await world.repo.remote.commitFiles(catalogue({ register: [] }), "by name alone");
  world.packages.state = {
    ...world.packages.state,
    upgrades: [{ name: "openssl", from: "1", to: "2", security: true }],
  };
  return world;
}

test("a problem holds the instance with one message, once patching is over, before anything is converged", async () => {
  const world = await createNamed();
  const gate = stopPoint();
  world.packages.during = gate.here;
  world.dns.trouble = trouble("dns-zone-missing");
  world.tags.check = async () => Promise.reject(trouble("tags-impossible"));
  const muster = await world.start();
  const run = muster.executor.start(never);
  await gate.reached;
  await world.clock.sleep(60_000, never);
  gate.go();
  const end = await run;
  expect(end).toMatchObject({
    kind: "held",
    stage: "preflight",
    error: { code: "preflight-failed", subjects: ["dns-zone-missing", "tags-impossible"] },
  });
  expect(world.packages.installed.get("openssl")).toBe("2");
  expect([world.engine.runs, world.dns.calls]).toEqual([[], []]);
  const status = muster.status.current();
  expect(status).toMatchObject({ state: "held", heldAt: "preflight", notices: [] });
  expect(status.run?.stages.find(({ stage }) => stage === "preflight")).toMatchObject({ state: "failed" });

  world.dns.trouble = undefined;
  expect(await muster.run()).toMatchObject({ kind: "in-service" });
});

test("an instance that serves goes on serving: each problem is a notice of the run", async () => {
  const world = await createNamed();
  const muster = await world.start();
  await muster.executor.start(never);
  world.dns.trouble = trouble("dns-zone-missing");
  expect(await muster.run()).toMatchObject({ kind: "in-service" });
  const text = "Foreseen for zone example.internal: there is dns-zone-missing";
  expect(muster.status.current().notices).toContainEqual(expect.objectContaining({ code: "dns-zone-missing", text }));
});

test("an instance that a person keeps out is converged, whatever is foreseen", async () => {
  const world = await createNamed();
  const muster = await world.start();
  await muster.executor.start(never);
  await muster.drain();
  world.dns.trouble = trouble("dns-zone-missing");
  expect(await muster.run()).toMatchObject({ kind: "done" });
  expect(muster.status.current()).toMatchObject({ state: "out-of-service", notices: [{ code: "dns-zone-missing" }] });
});

test("a look that hangs keeps the run for five seconds at most, and fails nothing", async () => {
  const world = await createWorld();
  world.dns.check = async () => new Promise(() => undefined);
  const muster = await world.start();
  const begun = world.clock.monotonicMs();
  expect(await muster.executor.start(never)).toMatchObject({ kind: "in-service" });
  expect(world.clock.monotonicMs() - begun).toBeLessThan(6_000);
});

test("looks are made beside patching, and engines and balancer are not waited for again", async () => {
  const world = await createNamed();
  const gate = stopPoint();
  world.packages.during = gate.here;
  const muster = await world.start();
  const run = muster.executor.start(never);
  await gate.reached;
  await world.clock.sleep(1_000, never);
  expect(story(muster.events)).toContain("preflight unchanged");
  gate.go();
  expect(await run).toMatchObject({ kind: "in-service" });
});

test("a part of a run without membership looks at nothing", async () => {
  const world = await createNamed();
  world.dns.trouble = trouble("dns-zone-missing");
  const muster = await world.start();
  expect(await muster.run({ stages: ["converge"] })).toMatchObject({ kind: "done" });
  expect(story(muster.events)).toContain("preflight skipped");
});
