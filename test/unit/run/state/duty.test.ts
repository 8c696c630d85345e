import { expect, it } from "vitest";
import { createDutyKeeper } from "../../../../src/run/state/duty.ts";
import { createCatalogueReader } from "../../../../src/settings/catalogue.ts";
import { createFakeStateFiles } from "../../../fakes/state-files.ts";
import { catalogue, createWorld, identity, never, trouble } from "../world.ts";

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
  const keeper = createDutyKeeper(files, createCatalogueReader());
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

const commit = "1a2b3c4d5e".repeat(4);
const catalogueText = "version: 1\nroles:\n  web:\n    schedule: { drift: '1 * * * *' }\n";

async function loaded(duty: object, worktree?: string) {
  const files = createFakeStateFiles({
    "duty.json": JSON.stringify({ v: 1, ...duty }),
    ...(worktree === undefined ? {} : { [`worktrees/${commit}/tree/muster.yaml`]: worktree }),
  });
  const keeper = createDutyKeeper(files, createCatalogueReader());
  await keeper.load();
  return { duty: keeper.current(), keeper, files };
}

const known = { role: "web", environment: "dev", identity, commit };

it("on disk are the commit, the role's name and its entry as the commit writes it: neither mirror nor worktree is needed", async () => {
  const world = await createWorld();
  const muster = await world.start();
  await muster.run();
  const written = JSON.parse(world.files.texts.get("duty.json") ?? "") as Record<string, unknown>;
  expect(written).toMatchObject({ role: "web", commit: muster.status.current().commit });
  expect(JSON.stringify(written["entry"])).toContain('"schedule":{"converge":"*/30 * * * *"}');
  const { duty } = await loaded(written);
  expect(duty).toEqual(muster.duty.current());
});

it("an older binary's duty, with the whole role, is read by the worktree of its commit", async () => {
  const { duty, keeper, files } = await loaded({ ...known, role: { name: "web", schedule: {} } }, catalogueText);
  expect(duty).toMatchObject({ role: { name: "web", schedule: { drift: "1 * * * *" } }, environment: "dev", commit });
  if (duty === undefined) throw new Error("it was read");
  await keeper.adopt(duty);
  expect(JSON.parse(files.texts.get("duty.json") ?? "")).toMatchObject({ role: "web", entry: duty.entry });
});

it.each([
  ["no worktree", undefined],
  ["a damaged worktree", "\0\0\0"],
  ["a commit without the role", "version: 1\nroles: { db: {} }\n"],
])("with %s an older binary's duty is none, and a run finds it again", async (_what, worktree) => {
  expect((await loaded({ ...known, role: { name: "web" } }, worktree)).duty).toBeUndefined();
});

it("what only a newer binary knows of a role is passed over, and the duty is kept", async () => {
  const entry = {
    schedule: { drift: "1 * * * *", rollout: "2 * * * *" },
    canary: 5,
    health: { smoke: [{ grpc: 1 }, { tcp: 80 }] },
  };
  const { duty } = await loaded({ ...known, entry, fleet: "blue" });
  expect(duty?.role).toMatchObject({ schedule: { drift: "1 * * * *" }, health: { smoke: [{ name: "tcp 80" }] } });
  expect(duty?.entry).toEqual(entry);
});
