import { expect, test } from "vitest";
import { awsPace } from "../../../../src/adapters/aws/pace.ts";
import { createBeats } from "../../../../src/daemon/controllers/beats.ts";
import { keepMembership } from "../../../../src/daemon/controllers/keep-membership.ts";
import type { DnsRecord, DnsVerdict } from "../../../../src/domain/membership/membership.ts";
import type { ReconcileOptions } from "../../../../src/membership/reconcile/context.ts";
import { createVirtualClock } from "../../../fakes/virtual-clock.ts";

const hourMs = 3_600_000;
const record: DnsRecord = { zone: "example.com", name: "web.example.com", type: "A", ttl: 30, value: "192.0.2.1" };
const confirmed: DnsVerdict = { kind: "confirmed" };
const missing: DnsVerdict = { kind: "missing", lateMs: 60_000 };
const unknown: DnsVerdict = { kind: "unknown", why: "no answer in time" };

/** An idle instance of a group of a thousand, whose names DNS servers answer as the test says. */
function idle(answer: () => DnsVerdict | undefined, size = 1_000) {
  const clock = createVirtualClock();
  clock.freeze();
  const seen = {
    clock,
    /** When the names were looked at through the API, and when a pass left them out: minutes since the beginning. */
    looks: [] as number[],
    others: [] as number[],
    questions: 0,
    /** What a look does: whether it repaired something. */
    look: () => false,
    former: [] as DnsRecord[],
    async pass(ms: number) {
      await clock.advance(ms);
      const [looks, others, questions] = [seen.looks.length, seen.others.length, seen.questions];
      return { looks, others, questions };
    },
  };
  const places = { targets: [], records: [record] };
  const membership = {
    status: () => {
      const former = { targets: [], records: seen.former };
      return { wish: { want: "in", bootId: "boot-1", places, former }, reconciling: false, size };
    },
    async verify() {
      const verdict = answer();
      if (verdict === undefined) return undefined;
      seen.questions += 1;
      return [{ record, verdict }];
    },
    async reconcile({ stages }: ReconcileOptions) {
      const atMinutes = Math.round(clock.monotonicMs() / 60_000);
      if (stages?.includes("dns") === false) {
        seen.others.push(atMinutes);
        return { kind: "agrees", want: "in", changed: false };
      }
      seen.looks.push(atMinutes);
      return { kind: "agrees", want: "in", changed: seen.look() };
    },
  };
  const status = { current: () => ({ state: "in-service", bootId: "boot-1", run: { id: "r1", finished: true } }) };
  const deps = {
    ...{ membership, status, clock, intervals: awsPace.intervals, beats: createBeats(clock) },
    lifecycle: { target: async () => undefined },
    bus: { emit: () => undefined, listen: () => () => undefined },
  };
  const end = new AbortController();
  const kept = keepMembership(deps as never, end.signal);
  return {
    ...{ seen },
    async [Symbol.asyncDispose]() {
      end.abort(new Error("the test is over"));
      await expect(kept).rejects.toThrow("the test is over");
    },
  };
}

test("names that DNS confirms are asked for every five minutes, and looked at through the API once a day", async () => {
  await using world = idle(() => confirmed);
  expect(await world.seen.pass(hourMs)).toEqual({ looks: 0, others: 1, questions: 12 });
  expect((await world.seen.pass(22 * hourMs)).looks).toBe(0);
  expect((await world.seen.pass(15 * hourMs)).looks).toBe(1);
});

test("a small group's passes leave confirmed names out, too", async () => {
  await using world = idle(() => confirmed, 1);
  expect(await world.seen.pass(hourMs)).toEqual({ looks: 0, others: 12, questions: 12 });
});

test.each([
  ["servers without a usable answer", unknown],
  ["an answer that shows less than a look does", { kind: "present" }],
  ["a name that was never answered: another zone of that name, a resolver that does not know it", missing],
] as const)("%s: the names are looked at as often as without DNS", async (_, verdict) => {
  await using world = idle(() => verdict);
  await using without = idle(() => undefined);
  await world.seen.pass(72 * hourMs);
  await without.seen.pass(72 * hourMs);
  expect(world.seen.looks).toEqual(without.seen.looks);
  expect(world.seen.others).toEqual([]);
});

test("a name that is gone is looked at once no server can be late any more, and again only if DNS had it again", async () => {
  let verdict: DnsVerdict = confirmed;
  await using world = idle(() => verdict);
  world.seen.look = () => true;
  await world.seen.pass(2 * hourMs);
  verdict = missing;
  await world.seen.pass(7 * 60_000);
  expect(world.seen.looks).toHaveLength(1);
  await world.seen.pass(hourMs);
  expect(world.seen.looks).toHaveLength(1);
  verdict = confirmed;
  await world.seen.pass(6 * 60_000);
  verdict = missing;
  await world.seen.pass(7 * 60_000);
  expect(world.seen.looks).toHaveLength(2);
});

test("an answer that is not confirmed in time, or comes back, costs no look", async () => {
  const answers: DnsVerdict[] = [];
  await using world = idle(() => answers.shift() ?? confirmed);
  await world.seen.pass(hourMs);
  answers.push(missing, confirmed, missing, unknown, confirmed);
  await world.seen.pass(hourMs);
  expect(world.seen.looks).toEqual([]);
});

test("servers that were wrong once are not believed for a day, however they change their mind", async () => {
  let at = 0;
  const turns = [confirmed, missing, missing, missing];
  await using world = idle(() => turns[(at += 1) % turns.length]);
  await world.seen.pass(12 * hourMs);
  expect(world.seen.looks.length).toBeLessThanOrEqual(3);
  const before = world.seen.looks.length;
  await world.seen.pass(6 * hourMs);
  expect(world.seen.looks.length).toBeLessThanOrEqual(before + 1);
});

test("a pass that has endpoints to leave looks at everything", async () => {
  await using world = idle(() => confirmed);
  world.seen.former = [{ ...record, name: "old.example.com" }];
  expect(await world.seen.pass(hourMs)).toMatchObject({ looks: 1, others: 0 });
});

test("a name that is gone while the service fails is tried as seldom as any failure", async () => {
  let verdict: DnsVerdict = confirmed;
  await using world = idle(() => verdict, 1);
  await world.seen.pass(hourMs);
  verdict = missing;
  world.seen.look = () => {
    throw new Error("Rate exceeded");
  };
  await world.seen.pass(2 * hourMs);
  const { looks } = world.seen;
  expect(looks.length).toBeGreaterThan(2);
  expect(looks.length).toBeLessThan(30);
});
