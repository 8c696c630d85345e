import * as fc from "fast-check";
import { expect, test } from "vitest";
import { MusterError } from "../../../../src/domain/errors/errors.ts";
import type { Endpoints } from "../../../../src/domain/membership/membership.ts";
import { MembershipError } from "../../../../src/membership/reconcile/act.ts";
import { createWorld, never, record, target, wantIn, wantOut, type World } from "../world.ts";

const targets = fc.subarray([target("web", 80), target("api", 8080), target("web", 443)]);
const records = fc.subarray([
  record("web", "10.0.0.1"),
  record("web", "10.0.0.2"),
  record("api", "10.0.0.1", 60),
  record("taken", "10.0.0.1"),
]);
const places: fc.Arbitrary<Endpoints> = fc.record({ targets, records });

/** What happens to an instance, one thing after the other. */
const happening = fc.oneof(
  fc.record({ kind: fc.constant("in" as const), places, killedAfterMs: fc.option(fc.nat(60_000)) }),
  fc.record({ kind: fc.constant("out" as const), killedAfterMs: fc.option(fc.nat(60_000)) }),
  fc.constant({ kind: "reload" as const }),
  fc.record({
    kind: fc.constant("outage" as const),
    ms: fc.nat(60_000),
    of: fc.constantFrom("balancer", "dns", "tags"),
  }),
);

/** A process: loads the wish, changes it, reconciles it, and may be killed at any moment of that. */
async function live(before: World, request: Parameters<World["membership"]["want"]>[0], killedAfterMs: number | null) {
  const world = createWorld(before);
  await world.membership.load(world.listen);
  await world.membership.want(request);
  const kill = new AbortController();
  if (killedAfterMs !== null) {
    world.clock.at(world.clock.monotonicMs() + killedAfterMs, () => kill.abort(new Error("killed")));
  }
  try {
    await world.membership.reconcile({ signal: kill.signal, listen: world.listen });
  } catch (error) {
    if (!(error instanceof MembershipError) && !kill.signal.aborted) throw error;
  }
}

function breakFor(world: World, of: "balancer" | "dns" | "tags", ms: number): void {
  const part = world[of];
  const code = of === "tags" ? "aws-unreachable" : (`${of}-unreachable` as const);
  part.trouble = new MusterError({ code, message: "down", hint: "Wait.", transient: true });
  world.clock.at(world.clock.monotonicMs() + ms, () => {
    part.trouble = undefined;
  });
}

test("whatever happened before, the world ends as the last wish says, and what others hold stays", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 6 }), places, fc.boolean(), async (history, last, wanted) => {
      const world = createWorld();
      world.dns.plant(record("taken", "10.9.9.9"));
      for (const event of history) {
        if (event.kind === "reload") world.balancer.forgetAll();
        if (event.kind === "outage") breakFor(world, event.of, event.ms);
        if (event.kind === "in") await live(world, wantIn(event.places), event.killedAfterMs);
        if (event.kind === "out") await live(world, wantOut(), event.killedAfterMs);
      }
      await world.clock.sleep(120_000, never);
      await live(world, wanted ? wantIn(last) : wantOut(), null);

      const foreign = "taken.example.internal 30 A 10.9.9.9";
      const refused = last.records.some(({ name }) => name.startsWith("taken."));
      const expectedTargets = wanted ? last.targets.map(({ group, member }) => `${group}/${member}`) : [];
      const ours = (wanted ? last.records : []).filter(({ name }) => !name.startsWith("taken."));
      expect(world.dns.records()).toContain(foreign);
      if (wanted && refused) return;
      expect(world.balancer.members().toSorted()).toEqual(expectedTargets.toSorted());
      expect(world.dns.records()).toEqual(
        [foreign, ...ours.map(({ name, ttl, value }) => `${name} ${ttl} A ${value}`)].toSorted(),
      );
      expect(world.tags.current()["muster:state"]).toBe(wanted ? "in-service" : "out-of-service");
    }),
    { numRuns: 150 },
  );
}, 60_000);

test("after an outage with changes in between, only what the last wish says is written", async () => {
  const changes = fc.array(fc.oneof(places, fc.constant("out" as const)), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(places, changes, async (first, wishes) => {
      const world = createWorld();
      await live(world, wantIn(withoutTaken(first)), null);
      for (const part of ["balancer", "dns", "tags"] as const) breakFor(world, part, 3_600_000);
      for (const wish of wishes) await live(world, wish === "out" ? wantOut() : wantIn(withoutTaken(wish)), 300_000);
      await world.clock.sleep(3_600_000, never);
      const before = [world.balancer.calls.length, world.dns.calls.length, world.tags.writes.length] as const;

      const last = wishes.at(-1) ?? "out";
      const wanted = last === "out" ? { targets: [], records: [] } : withoutTaken(last);
      await live(world, last === "out" ? wantOut() : wantIn(wanted), null);
      const members = new Set(wanted.targets.map(({ group, member }) => `register ${group}/${member}`));
      const names = new Set(wanted.records.map(({ name, type, value }) => `publish ${name} ${type} ${value}`));
      const written = [...world.balancer.calls.slice(before[0]), ...world.dns.calls.slice(before[1])];
      for (const call of written.filter((one) => one.startsWith("register "))) expect(members).toContain(call);
      for (const call of written.filter((one) => one.startsWith("publish "))) expect(names).toContain(call);
      expect(new Set(written).size, "nothing is written twice").toBe(written.length);
      // On the way out the state is told once more.
      expect(world.tags.writes.length - before[2]).toBeLessThanOrEqual(2);
      expect(world.balancer.members().length).toBe(wanted.targets.length);
    }),
    { numRuns: 60 },
  );
}, 60_000);

function withoutTaken({ targets: all, records: named }: Endpoints): Endpoints {
  return { targets: all, records: named.filter(({ name }) => !name.startsWith("taken.")) };
}
