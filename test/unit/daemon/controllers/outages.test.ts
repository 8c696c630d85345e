// No outage of names, tags, balancer, group or metadata takes out a healthy instance, or holds it.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { detached } from "../../../../src/ports/unit-runner.ts";
import { begin, type DaemonProcess } from "../begin.ts";
import { createWorld, identity, never, trouble, type World } from "../../run/world.ts";

const services = ["tags", "names", "balancer", "group", "metadata"] as const;

const failures = {
  down: trouble("aws-unreachable", true),
  throttled: trouble("aws-throttled", true),
  denied: trouble("aws-access-denied", true),
  refused: trouble("aws-refused", false),
};

/** What is wrong with each service; nothing with one that is absent. */
type Outage = Partial<Record<(typeof services)[number], keyof typeof failures>>;

const anyOutage = (kinds: readonly (keyof typeof failures)[]): fc.Arbitrary<Outage> => {
  const kind = fc.constantFrom(...kinds);
  return fc.record({ tags: kind, names: kind, balancer: kind, group: kind, metadata: kind }, { requiredKeys: [] });
};

function fail(world: World, outage: Outage): void {
  const error = (service: keyof Outage) => outage[service] && failures[outage[service]];
  world.tags.trouble = error("tags");
  world.dns.trouble = error("names");
  world.balancer.trouble = error("balancer");
  world.lifecycle.trouble = error("group");
  const metadata = error("metadata");
  world.identity = () => {
    if (metadata !== undefined) throw metadata;
    return identity;
  };
}

function statesOf({ events }: DaemonProcess, since = 0): readonly string[] {
  return events.slice(since).flatMap((event) => (event.type === "state-changed" ? [event.state] : []));
}

/** In service with nothing pending, and was never anything else since. */
function expectServing(world: World, muster: DaemonProcess, since: number): void {
  expect(new Set([...statesOf(muster, since), "in-service"])).toEqual(new Set(["in-service"]));
  expect(muster.status.current()).toMatchObject({ state: "in-service" });
  expect(muster.status.current().pending).toBeUndefined();
  expect(world.balancer.calls).toEqual(["register web-dev/i-1-80"]);
  expect(world.dns.records()).toHaveLength(1);
  expect(world.tags.current()).toMatchObject({ "muster:state": "in-service" });
}

/** Long enough for every limit of a run and for the longest pause of the reconciler. */
const longMs = 8 * 60_000;

const cases = { numRuns: Number(process.env["MUSTER_FUZZ_RUNS"] ?? 8) };

test("an instance that serves goes on serving through any outage, and through a run in it", async () => {
  const any = anyOutage(["down", "throttled", "denied", "refused"]);
  await fc.assert(
    fc.asyncProperty(any, async (outage) => {
      const world = await createWorld();
      const { muster, clock, stop } = await begin(world);
      await clock.advance(60_000);
      expect(muster.status.current().state).toBe("in-service");
      const since = muster.events.length;
      fail(world, outage);
      const run = muster.run();
      await clock.advance(longMs);
      expect(["in-service", "failed"]).toContain((await run).kind);
      fail(world, {});
      await clock.advance(longMs);
      expectServing(world, muster, since);
      await stop();
    }),
    { ...cases, examples: [[{ balancer: "down" }], [Object.fromEntries(services.map((one) => [one, "denied"]))]] },
  );
}, 120_000);

test("an instance that a balancer was told of waits through any outage, and comes into service", async () => {
  await fc.assert(
    fc.asyncProperty(anyOutage(["down", "throttled"]), async (outage) => {
      const world = await createWorld();
      const register = world.balancer.register.bind(world.balancer);
      world.balancer.register = async (target, signal) => {
        await register(target, signal);
        fail(world, outage);
      };
      const { muster, clock, stop } = await begin(world);
      await clock.advance(longMs);
      expect(["starting", "in-service"]).toContain(muster.status.current().state);
      fail(world, {});
      await clock.advance(longMs);
      expectServing(world, muster, muster.events.length);
      expect(statesOf(muster)).not.toContain("held");
      await stop();
    }),
    { ...cases, examples: [[{ balancer: "down" }]] },
  );
}, 120_000);

test("an instance that a dead agent registered waits for the balancer under the next one", async () => {
  const world = await createWorld();
  world.balancer.passes = () => false;
  const crash = new AbortController();
  const first = await world.start();
  world.clock.sleep(30_000, never).then(
    () => {
      fail(world, { balancer: "down", group: "down" });
      return crash.abort(detached);
    },
    () => undefined,
  );
  await expect(first.executor.start(crash.signal)).rejects.toBe(detached);
  world.balancer.passes = () => true;
  const { muster, clock } = await begin(world);
  await clock.advance(longMs);
  fail(world, {});
  await clock.advance(longMs);
  expectServing(world, muster, muster.events.length);
  expect(statesOf(muster)).not.toContain("held");
});

test("what is pending names every stage, and is over when each of them answers", async () => {
  const world = await createWorld();
  fail(world, { names: "throttled", tags: "denied" });
  const { muster, clock } = await begin(world);
  await clock.advance(90_000);
  const both = { stage: "dns", code: "aws-throttled", others: [{ stage: "tags", code: "aws-access-denied" }] };
  expect(muster.status.current()).toMatchObject({ state: "in-service", pending: both });
  fail(world, { tags: "denied" });
  await clock.advance(longMs);
  expect(muster.status.current().pending).toMatchObject({ stage: "tags" });
  expect(muster.status.current().pending).not.toHaveProperty("others");
});

test("a leave that failed is over when only its state tags are missing", async () => {
  const world = await createWorld();
  const { muster, clock } = await begin(world);
  await clock.advance(60_000);
  fail(world, { names: "refused", tags: "denied" });
  const drained = expect(muster.drain()).rejects.toMatchObject({ code: "aws-refused" });
  await clock.advance(longMs);
  await drained;
  expect(muster.status.current().state).toBe("leaving");
  fail(world, { tags: "denied" });
  await clock.advance(longMs);
  expect(muster.status.current()).toMatchObject({ state: "out-of-service", pending: { stage: "tags" } });
  fail(world, {});
  await clock.advance(longMs);
  expect(muster.status.current()).not.toHaveProperty("pending");
  expect(world.tags.current()).toMatchObject({ "muster:state": "out-of-service" });
});
