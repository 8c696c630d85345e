import { expect, test } from "vitest";
import type { Tags } from "../../../../src/domain/instance/instance.ts";
import { catalogue, createWorld, identity, trouble, type World } from "../../run/world.ts";
import { begin, runsOf } from "../begin.ts";

const naming: World["naming"] = {
  tags: { prefix: "muster:", trust: ["role", "environment", "ref", "dns"] },
  dns: { zones: [{ zone: "example.internal", names: ["web-*", "www"], ttl: 20, routing: "multivalue" }] },
};

async function tagged(tags: Tags) {
  const world = await createWorld();
  await world.repo.remote.commitFiles(catalogue({ schedule: {} }), "nothing by schedule");
  world.naming = naming;
  retag(world, tags);
  const { muster } = await begin(world);
  await world.clock.advance(1_000);
  return { world, muster };
}

function retag(world: World, tags: Tags): void {
  world.identity = () => ({ ...identity, tags: { ...identity.tags, ...tags } });
}

const names = (world: World) => world.dns.records().map((line) => line.split(" ")[0]?.replace(".example.internal", ""));
const notices = (events: readonly { type: string; text?: string }[]) =>
  events.flatMap((event) => (event.type === "notice" ? [event.text ?? ""] : []));

test("a name changes with its tag, without a run and in one batch", async () => {
  const { world, muster } = await tagged({ "muster:dns": "web-7.example.internal, www.example.internal" });
  expect(names(world)).toEqual(["i-1", "web-7", "www"]);
  const calls = world.dns.calls.length;
  retag(world, { "muster:dns": "web-8.example.internal www.example.internal" });
  await world.clock.advance(10_000);
  expect(names(world)).toEqual(["i-1", "web-8", "www"]);
  expect(world.dns.calls.slice(calls)).toEqual([
    "withdraw web-7.example.internal A 10.0.0.1",
    "publish web-8.example.internal A 10.0.0.1",
  ]);
  expect(runsOf(muster.events)).toBe(1);
  expect(muster.status.current()).toMatchObject({
    state: "in-service",
    selection: { names: [{ name: "web-8.example.internal" }, {}] },
  });
});

test("nothing is looked up or written while tags stay as they are", async () => {
  const { world } = await tagged({ "muster:dns": "www.example.internal" });
  const looks = world.dns.looks;
  const writes = [...world.files.texts];
  await world.clock.advance(20_000);
  expect(world.dns.looks).toBe(looks);
  expect([...world.files.texts]).toEqual(writes);
});

test("a name that the settings do not allow is refused and said once; what is not asked for any more goes", async () => {
  const { world, muster } = await tagged({ "muster:dns": "www.example.internal" });
  retag(world, { "muster:dns": "db.example.internal" });
  await world.clock.advance(60_000);
  expect(names(world)).toEqual(["i-1"]);
  expect(notices(muster.events).filter((text) => text.includes("db.example.internal"))).toHaveLength(1);
});

test("another role makes one run, which takes it on", async () => {
  const { world, muster } = await tagged({});
  retag(world, { "muster:role": "other" });
  await world.clock.advance(60_000);
  expect(muster.status.current()).toMatchObject({ state: "in-service", role: "other", run: { cause: "tag-change" } });
  expect(runsOf(muster.events)).toBe(2);
});

test("a role that is none leaves the instance in service; the run is made again, seldom", async () => {
  const { world, muster } = await tagged({});
  retag(world, { "muster:role": "none-such" });
  await world.clock.advance(3 * 60_000);
  expect(muster.status.current()).toMatchObject({ state: "in-service", run: { cause: "tag-change", end: "failed" } });
  expect(runsOf(muster.events)).toBe(2);
  await world.clock.advance(60 * 60_000);
  expect(runsOf(muster.events)).toBeLessThan(8);
  retag(world, {});
  const before = runsOf(muster.events);
  await world.clock.advance(20 * 60_000);
  expect(runsOf(muster.events)).toBe(before);
});

test("who is out of service takes its tags up when it joins", async () => {
  const { world, muster } = await tagged({ "muster:dns": "web-7.example.internal" });
  const drained = muster.drain();
  await world.clock.advance(60_000);
  await drained;
  retag(world, { "muster:dns": "web-8.example.internal" });
  await world.clock.advance(60_000);
  expect(names(world)).toEqual([]);
  const joined = muster.join();
  await world.clock.advance(10_000);
  await joined;
  expect(names(world)).toEqual(["i-1", "web-8"]);
});

test("a pause holds runs back, not names; both are done once it is over", async () => {
  const { world, muster } = await tagged({});
  await muster.pause.begin({ reason: "looking at it", by: "root", forMs: 10 * 60_000 });
  retag(world, { "muster:role": "other", "muster:dns": "www.example.internal" });
  await world.clock.advance(5 * 60_000);
  expect(muster.status.current().role).toBe("web");
  await world.clock.advance(10 * 60_000);
  expect(muster.status.current().role).toBe("other");
  expect(names(world)).toEqual(["i-1", "www"]);
  await muster.pause.begin({ reason: "looking at it", by: "root", forMs: 10 * 60_000 });
  retag(world, { "muster:role": "other" });
  await world.clock.advance(60_000);
  expect(names(world)).toEqual(["i-1"]);
});

test("a tag that a name is made of is watched too, and one that cannot make a name changes nothing", async () => {
  const world = await createWorld();
  world.naming = { tags: { prefix: "muster:", trust: ["role", "environment", "tag.slot"] } };
  const dns = [{ zone: "example.internal", name: "{tag.slot}", type: "A", ttl: 30 }];
  await world.repo.remote.commitFiles(catalogue({ dns }), "names by slot");
  retag(world, { slot: "a" });
  const { muster } = await begin(world);
  await world.clock.advance(1_000);
  retag(world, { slot: "b" });
  await world.clock.advance(10_000);
  expect(names(world)).toEqual(["b"]);
  for (const slot of ["c c", "c c", undefined]) {
    retag(world, slot === undefined ? {} : { slot });
    await world.clock.advance(60_000);
  }
  expect(names(world)).toEqual(["b"]);
  expect(notices(muster.events).filter((text) => text.startsWith("The tags ask for what cannot be"))).toHaveLength(2);
  expect(runsOf(muster.events)).toBe(1);
});

test("another group by a template is a run's business", async () => {
  const world = await createWorld(["web-dev", "blue", "green"]);
  world.naming = { tags: { prefix: "muster:", trust: ["role", "environment", "tag.colour"] } };
  await world.repo.remote.commitFiles(catalogue({ register: [{ targetGroup: "{tag.colour}", port: 80 }] }), "colours");
  retag(world, { colour: "blue" });
  const { muster } = await begin(world);
  await world.clock.advance(10_000);
  retag(world, { colour: "green" });
  await world.clock.advance(120_000);
  expect(world.balancer.members().join()).toContain("green");
  expect(world.balancer.members().join()).not.toContain("blue");
  expect(muster.status.current().run?.cause).toBe("tag-change");
});

test("a DNS server that is down: it is said, and the names change when it is back", async () => {
  const { world, muster } = await tagged({ "muster:dns": "web-7.example.internal" });
  world.dns.trouble = trouble("dns-unreachable", true);
  retag(world, { "muster:dns": "web-8.example.internal" });
  await world.clock.advance(5 * 60_000);
  expect(notices(muster.events).some((text) => /names that the tags ask for are not published yet/.test(text))).toBe(
    true,
  );
  world.dns.trouble = undefined;
  await world.clock.advance(2 * 60_000);
  expect(names(world)).toEqual(["i-1", "web-8"]);
  expect(muster.status.current().state).toBe("in-service");
});

test("where a look costs a call to the cloud's API, it is seldom", async () => {
  const { world, muster } = await tagged({});
  world.tagsCost = true;
  let looks = 0;
  const { identity: source } = muster.cloud;
  const look = source.observe.bind(source);
  Object.assign(source, { observe: (...given: Parameters<typeof look>) => ((looks += 1), look(...given)) });
  await world.clock.advance(60 * 60_000);
  expect(looks).toBeGreaterThan(10);
  expect(looks).toBeLessThan(15);
});

test("what a run has just read is not asked of the cloud's API again at once", async () => {
  const world = await createWorld();
  await world.repo.remote.commitFiles(catalogue({ schedule: {} }), "nothing by schedule");
  world.naming = naming;
  world.tagsCost = true;
  const { muster } = await begin(world);
  const mayCall: boolean[] = [];
  const { identity: source } = muster.cloud;
  const look = source.observe.bind(source);
  Object.assign(source, { observe: (...given: Parameters<typeof look>) => (mayCall.push(given[1]), look(...given)) });
  await world.clock.advance(60_000);
  expect(mayCall).toEqual([false]);
  await world.clock.advance(10 * 60_000);
  expect(mayCall).toContain(true);
});

test("tags that nobody can tell are said once it lasts, and watched on", async () => {
  const { world, muster } = await tagged({});
  world.identity = () => {
    throw trouble("imds-unreachable", true);
  };
  await world.clock.advance(10 * 60_000);
  expect(
    notices(muster.events).filter((text) => text.startsWith("The tags of this instance cannot be watched")),
  ).toHaveLength(1);
  retag(world, { "muster:role": "other" });
  await world.clock.advance(3 * 60_000);
  expect(muster.status.current().role).toBe("other");
});
