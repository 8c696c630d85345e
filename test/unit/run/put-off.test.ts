// What the instance serves without: names and state tags that cannot be written.
import { expect, test } from "vitest";
import { launching } from "../../fakes/lifecycle.ts";
import { catalogue } from "./catalogue.ts";
import { createWorld, never, trouble } from "./world.ts";

test.each([
  ["names", "dns", "dns-refused", false],
  ["names", "dns", "aws-throttled", true],
  ["state tags", "tags", "aws-access-denied", false],
] as const)(
  "%s that cannot be written (%s, %s) leave it in service, said, until they are",
  async (what, stage, code, transient) => {
    const world = await createWorld();
    const broken = stage === "dns" ? world.dns : world.tags;
    broken.trouble = trouble(code, transient);
    const muster = await world.start();
    expect(await muster.executor.start(never)).toMatchObject({ kind: "in-service" });
    expect(world.balancer.members()).toEqual(["web-dev/i-1-80"]);
    const status = muster.status.current();
    expect(status).toMatchObject({ state: "in-service", pending: { code, stage, text: `there is ${code}` } });
    const text = `In service without its ${what}, which are tried again: there is ${code}`;
    expect(status.notices.at(-1)).toMatchObject({ code, text });

    broken.trouble = undefined;
    expect(await muster.run()).toMatchObject({ kind: "in-service" });
    expect(muster.status.current()).not.toHaveProperty("pending");
    expect(world.dns.records()).toHaveLength(1);
    expect(world.balancer.calls).toEqual(["register web-dev/i-1-80"]);
  },
);

test("an instance that serves by its name alone serves on when the name cannot be looked at", async () => {
  const world = await createWorld();
  await world.repo.remote.commitFiles(catalogue({ register: [] }), "by name alone");
  const muster = await world.start();
  expect(await muster.executor.start(never)).toMatchObject({ kind: "in-service" });
  world.dns.trouble = trouble("dns-refused");
  expect(await muster.run()).toMatchObject({ kind: "in-service" });
  expect(muster.status.current()).toMatchObject({ state: "in-service", pending: { stage: "dns" } });
});

test("a balancer or a group that does not answer a run of what serves is said, and it serves on", async () => {
  const world = await createWorld();
  const muster = await world.start();
  await muster.executor.start(never);
  world.balancer.trouble = trouble("aws-unreachable", true);
  world.lifecycle.trouble = trouble("aws-timeout", true);
  expect(await muster.run()).toMatchObject({ kind: "in-service" });
  const status = muster.status.current();
  expect(status).toMatchObject({ state: "in-service", pending: { stage: "register", code: "aws-unreachable" } });
  expect(status.notices.map(({ text }) => text)).toEqual([
    "The Auto Scaling group was not asked, and the instance serves on: there is aws-timeout",
    "In service without an answer of its balancer, which is tried again: there is aws-unreachable",
  ]);
});

test("everything that is put off is named", async () => {
  const world = await createWorld();
  world.dns.trouble = trouble("aws-throttled", true);
  world.tags.trouble = trouble("aws-access-denied");
  const muster = await world.start();
  expect(await muster.executor.start(never)).toMatchObject({ kind: "in-service" });
  const { pending, notices } = muster.status.current();
  expect(pending).toMatchObject({ stage: "dns", others: [{ stage: "tags", code: "aws-access-denied" }] });
  const text =
    "In service without its names and its state tags, which are tried again: there is aws-throttled; there is aws-access-denied";
  expect(notices).toMatchObject([{ code: "aws-throttled", text }]);
});

test("state tags that cannot be written keep no instance from leaving: it is out of service, and that is said", async () => {
  const world = await createWorld();
  const muster = await world.start();
  await muster.executor.start(never);
  world.tags.trouble = trouble("aws-access-denied");
  expect(await muster.drain()).toMatchObject({ kind: "done", changed: true });
  expect([...world.balancer.members(), ...world.dns.records()]).toEqual([]);
  const status = muster.status.current();
  expect(status).toMatchObject({ state: "out-of-service", pending: { code: "aws-access-denied", stage: "tags" } });
  const text = "Out of service without its state tags, which are tried again: there is aws-access-denied";
  expect(status.notices.at(-1)).toMatchObject({ code: "aws-access-denied", text });
});

test("a name that cannot be withdrawn is not out of service: the leave fails, and is gone on with", async () => {
  const world = await createWorld();
  const muster = await world.start();
  await muster.executor.start(never);
  world.dns.trouble = trouble("dns-refused");
  world.tags.trouble = trouble("aws-access-denied");
  await expect(muster.drain()).rejects.toMatchObject({ code: "dns-refused" });
  expect(world.balancer.members()).toEqual([]);
  expect(muster.status.current().state).toBe("leaving");
});

test("a group that keeps the instance warm gets its answer, whatever becomes of the state tags", async () => {
  const world = await createWorld();
  world.tags.trouble = trouble("aws-access-denied");
  world.lifecycle.group = { ...launching([]), state: "warm-launch-waiting" };
  const muster = await world.start();
  expect(await muster.executor.start(never)).toMatchObject({ kind: "done", parked: true });
  expect(muster.status.current()).toMatchObject({ state: "out-of-service", pending: { stage: "tags" } });
  expect(world.lifecycle.calls).toContain("CONTINUE web/ready");
});
