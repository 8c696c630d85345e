// Between a drain that is taken back and the first entry of the journal of the run that joins.
import { expect, test } from "vitest";
import { createWorld, never, stopPoint, trouble } from "./world.ts";

async function drained() {
  const world = await createWorld();
  const muster = await world.start();
  await muster.executor.start(never);
  await muster.drain();
  return { world, muster };
}

/** A join that stands still between the drain that it took back and the run that joins. */
async function joining() {
  const { world, muster } = await drained();
  const point = stopPoint();
  const read = world.files.read.bind(world.files);
  world.files.read = async (name) => {
    if (name === "applied.json" && muster.membership.status().wish?.by === "run") await point.here(never);
    return read(name);
  };
  void muster.join();
  await point.reached;
  await muster.status.flush();
  world.files.read = read;
  return { world, muster };
}

test("an agent that dies between taking a drain back and its run: the next one joins", async () => {
  const { world } = await joining();
  const next = await world.start();
  expect(await next.executor.start(never)).toMatchObject({ kind: "in-service" });
  expect(next.status.current()).toMatchObject({ state: "in-service", run: { cause: "return" } });
});

test("the sentence of a wish decides nothing: reworded on disk, the join is taken up all the same", async () => {
  const { world, muster } = await joining();
  const { reason } = muster.membership.status().wish ?? {};
  const text = (await world.files.read("membership.json")) ?? "";
  await world.files.write("membership.json", text.replaceAll(JSON.stringify(reason), '"in other words"'));
  const next = await world.start();
  expect(next.membership.status().wish?.reason).toBe("in other words");
  expect(await next.executor.start(never)).toMatchObject({ kind: "in-service" });
});

test("join whose run cannot even begin is held, so that it is tried again", async () => {
  const { world, muster } = await drained();
  const append = world.files.append.bind(world.files);
  world.files.append = () => Promise.reject(trouble("state-write-failed"));
  await expect(muster.join()).rejects.toMatchObject({ code: "state-write-failed" });
  expect(muster.status.current()).toMatchObject({ state: "held", reason: "there is state-write-failed" });
  world.files.append = append;
  expect(await muster.run({ cause: "retry" })).toMatchObject({ kind: "in-service" });
});
