import { expect, test } from "vitest";
import { detached } from "../../../src/ports/unit-runner.ts";
import { createWorld, never, stopPoint, story, trouble } from "./world.ts";

test("a stage that another one's failure stopped is not left running in the status", async () => {
  const world = await createWorld();
  const waiting = stopPoint();
  world.packages.refresh = async (_rules, context) => {
    world.repo.failFetchForEver(trouble("config-access-denied"));
    await waiting.here(context.signal);
    return [];
  };
  world.repo.failFetch(trouble("config-access-denied"));
  const muster = await world.start();
  expect(await muster.executor.start(never)).toMatchObject({ kind: "held", stage: "config" });
  const index = muster.status.current().run?.stages.find(({ stage }) => stage === "index");
  expect(index?.state).toBe("skipped");
});

test("a full disk is the failure of the stage that met it, and every stage that began is told to its end", async () => {
  const world = await createWorld();
  world.engine.during = async () => world.files.failWrites(trouble("state-write-failed", true));
  const muster = await world.start();
  const end = await muster.executor.start(never);
  expect(end).toMatchObject({ kind: "held", stage: "converge", error: { code: "state-write-failed" } });
  expect(story(muster.events)).toContain("converge failed");
  expect(muster.status.current()).toMatchObject({ state: "held", run: { finished: true } });
});

test("a stage's own failure is not hidden by a disk that is full at the same time", async () => {
  const world = await createWorld();
  world.engine.during = async () => {
    world.files.failWrites(trouble("state-write-failed", true));
    throw trouble("converge-failed");
  };
  const muster = await world.start();
  const end = await muster.executor.start(never);
  expect(end).toMatchObject({ kind: "held", stage: "converge", error: { code: "converge-failed" } });
});

test("a run that is cancelled ends so; one whose agent goes stays open", async () => {
  for (const [reason, ended] of [
    [new Error("cancelled"), true],
    [detached, false],
  ] as const) {
    const world = await createWorld();
    const point = stopPoint();
    world.engine.during = point.here;
    const muster = await world.start();
    const stop = new AbortController();
    const running = muster.run({}, stop.signal).catch((error: unknown) => error);
    await point.reached;
    stop.abort(reason);
    const outcome = await running;
    if (ended) expect(outcome).toMatchObject({ kind: "held", stage: "converge", error: { code: "run-cancelled" } });
    else expect(outcome).toBe(detached);
    const journal = world.files.texts.get("runs/0001-8000/journal.jsonl") ?? "";
    expect(journal.includes('"run-ended"')).toBe(ended);
  }
});

test("muster cancel ends the run under way: an instance that serves stays, one that does not is held", async () => {
  const world = await createWorld();
  const point = stopPoint();
  world.engine.during = point.here;
  const muster = await world.start();
  const first = muster.executor.start(never);
  await point.reached;
  const end = await muster.executor.cancel("jane", () => undefined, never);
  expect(end).toMatchObject({
    kind: "held",
    error: { code: "run-cancelled", message: "The run was cancelled by jane" },
  });
  expect(await first).toEqual(end);
  expect(muster.status.current()).toMatchObject({ state: "held", error: { code: "run-cancelled" } });
  expect(muster.membership.status().wish, "what is registered is taken out by the reconciler").toMatchObject({
    want: "out",
    by: "run",
  });

  world.engine.during = async () => undefined;
  await muster.run();
  expect(world.balancer.members()).toEqual(["web-dev/i-1-80"]);
  const next = stopPoint();
  world.engine.during = next.here;
  await world.repo.remote.commitFiles({ "site.pp": "changed" }, "a change");
  const second = muster.run();
  await next.reached;
  expect(await muster.executor.cancel("jane", () => undefined, never)).toMatchObject({ kind: "failed" });
  expect(await second).toMatchObject({ kind: "failed", error: { code: "run-cancelled" } });
  expect(muster.status.current().state).toBe("in-service");
  expect(world.balancer.members()).toEqual(["web-dev/i-1-80"]);
});

test("muster cancel without a run says so; another process that makes one is named", async () => {
  const world = await createWorld();
  const muster = await world.start();
  const end = await muster.executor.cancel("jane", () => undefined, never);
  expect(end).toEqual({ kind: "done", changed: false, note: "no run is under way" });

  const here = await world.command();
  expect(await here.executor.cancel("jane", () => undefined, never)).toEqual(end);
  await world.lock.acquire("muster run", 0, never, () => undefined);
  await expect(here.executor.cancel("jane", () => undefined, never)).rejects.toMatchObject({ code: "lock-held" });
});
