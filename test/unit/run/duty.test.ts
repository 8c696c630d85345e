import { expect, it } from "vitest";
import { createDutyKeeper } from "../../../src/run/duty.ts";
import { createFakeStateFiles } from "../../fakes/state-files.ts";
import { catalogue, createWorld, identity, never, trouble } from "./world.ts";

it("a run leaves what this instance is here for, and an agent that starts anew knows it", async () => {
  const world = await createWorld();
  await (await world.start()).run();
  const after = await world.start();
  expect(after.duty.current()).toMatchObject({ role: { name: "web" }, environment: "dev", identity });
  expect(after.duty.current()?.commit).toBe(after.status.current().commit);
});

it("a trial of another role changes no duty", async () => {
  const world = await createWorld(["web-dev"]);
  const muster = await world.start();
  await muster.run();
  await muster.run({ role: "other" });
  expect(muster.duty.current()?.role.name).toBe("web");
});

it("whoever watches hears what there is, and what the next run finds in the catalogue", async () => {
  const world = await createWorld();
  const muster = await world.start();
  await muster.run();
  const heard: (string | undefined)[] = [];
  const stop = muster.duty.watch((duty) => heard.push(duty?.role.schedule.converge));
  await world.repo.remote.commitFiles(catalogue({ schedule: {} }), "no schedule");
  await muster.run();
  stop();
  await world.repo.remote.commitFiles(catalogue(), "schedule again");
  await muster.run();
  expect(heard).toEqual(["*/30 * * * *", undefined]);
});

it.each(["no json", '{"v":1}', '{"v":2}', "null"])("what cannot be read (%s) is none", async (text) => {
  const files = createFakeStateFiles();
  await files.write("duty.json", text);
  const keeper = createDutyKeeper(files);
  await keeper.load();
  expect(keeper.current()).toBeUndefined();
});

it("a clone forgets the duty of the instance it was made from", async () => {
  const world = await createWorld();
  await (await world.start()).run();
  world.identity = () => ({ ...identity, instance: { ...identity.instance, id: "i-2" } });
  world.bootId = "boot-2";
  world.repo.failFetchForEver(trouble("config-fetch-failed"));
  const clone = await world.start();
  expect(clone.duty.current()?.identity.instance.id).toBe("i-1");
  await clone.executor.start(never);
  expect(clone.duty.current()).toBeUndefined();
});
