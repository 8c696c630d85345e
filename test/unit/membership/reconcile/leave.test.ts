import { localPace } from "../../../../src/adapters/local/pace.ts";
import { beforeEach, expect, test } from "vitest";
import { MusterError } from "../../../../src/domain/errors/errors.ts";
import { createMembership } from "../../../../src/membership/membership.ts";
import { createWorld, never, story, target, trouble, wantIn, wantOut, type World } from "../world.ts";

let world: World;

beforeEach(async () => {
  world = createWorld();
  await world.membership.want(wantIn());
  await world.membership.reconcile({ signal: never, listen: world.listen });
  world.events.length = 0;
});

async function leave(in_: World = world, serveLimitMs?: number) {
  await in_.membership.want(wantOut());
  return await in_.membership.reconcile({ signal: never, listen: in_.listen, serveLimitMs });
}

test("drains and withdraws at once, serves until drain and TTL are over, then removes", async () => {
  const { clock, balancer, dns, tags, events } = world;
  balancer.openConnections("web/i-1-80", 3);
  const seen: unknown[] = [];
  clock.at(100, () => void seen.push([...balancer.members(), ...dns.records(), tags.current()["muster:state"]]));
  clock.at(29_000, () => void seen.push([...balancer.members()]));
  expect(await leave()).toEqual({ kind: "agrees", want: "out", changed: true });
  expect(seen).toEqual([["web/i-1-80", "leaving"], ["web/i-1-80"]]);
  expect(clock.monotonicMs()).toBeGreaterThanOrEqual(30_000);
  expect(clock.monotonicMs()).toBeLessThan(31_000);
  expect(balancer.members()).toEqual([]);
  expect(tags.current()).toMatchObject({ "muster:state": "out-of-service", "muster:reason": "muster drain" });
  expect(story(events).filter((line) => line.endsWith("changed"))).toEqual([
    "dns changed",
    "register changed",
    "tags changed",
  ]);
});

test("the TTL is counted from when every server has dropped the record, also by an agent that was restarted since", async () => {
  const { clock, dns } = world;
  dns.spreading = true;
  clock.at(20_000, () => void (dns.spreading = false));
  const stop = new AbortController();
  clock.at(35_000, () => stop.abort(new Error("killed")));
  await world.membership.want(wantOut());
  await expect(world.membership.reconcile({ signal: stop.signal, listen: world.listen })).rejects.toThrow("killed");
  const texts = world.events.flatMap((event) => (event.type === "stage-progress" ? [event.text] : []));
  expect(texts).toContain("serving on until every name server has dropped the records");
  const restarted = createWorld(world);
  await restarted.membership.load(restarted.listen);
  await restarted.membership.reconcile({ signal: never, listen: restarted.listen });
  expect(clock.monotonicMs()).toBeGreaterThanOrEqual(50_000);
  expect(clock.monotonicMs()).toBeLessThan(52_000);
});

test("servers that never drop it are not waited for longer than there is time, and that is said", async () => {
  const { clock, dns, events } = world;
  dns.spreading = true;
  await leave(world, 10_000);
  expect(clock.monotonicMs()).toBeLessThan(11_000);
  expect(story(events)).toContain("notice leave-cut-short");
});

test("open connections are waited for no longer than the drain time", async () => {
  const { clock, balancer } = world;
  balancer.openConnections("web/i-1-80", 1);
  await leave();
  expect(clock.monotonicMs()).toBeLessThan(31_000);
  expect(balancer.members()).toEqual([]);
});

test("nobody is waited for where nobody is connected and no name was published", async () => {
  const { clock, balancer, membership, listen } = createWorld();
  await membership.want(wantIn({ targets: [target()], records: [] }));
  await membership.reconcile({ signal: never, listen });
  await membership.want(wantOut());
  await membership.reconcile({ signal: never, listen });
  expect([clock.monotonicMs(), balancer.members()]).toEqual([0, []]);
});

test("when the time is out it leaves sooner", async () => {
  const { clock, balancer, dns } = world;
  balancer.openConnections("web/i-1-80", 1);
  await leave(world, 5_000);
  expect(clock.monotonicMs()).toBeLessThan(6_000);
  expect([balancer.members(), dns.records()]).toEqual([[], []]);
});

test("leaving needs nothing but the wish on disk", async () => {
  const restarted = createWorld(world);
  await restarted.membership.load(restarted.listen);
  await leave(restarted);
  expect([world.balancer.members(), world.dns.records()]).toEqual([[], []]);
});

test("a second time it only looks, and waits for nothing", async () => {
  const { clock, balancer, dns, tags } = world;
  await leave();
  const before = clock.monotonicMs();
  const calls = [balancer.calls.length, dns.calls.length, tags.writes.length];
  expect(await leave()).toEqual({ kind: "agrees", want: "out", changed: false });
  expect(clock.monotonicMs()).toBe(before);
  expect([balancer.calls.length, dns.calls.length, tags.writes.length]).toEqual(calls);
});

test("killed while it serves on, it takes up the count where it was", async () => {
  const { clock, balancer } = world;
  balancer.openConnections("web/i-1-80", 1);
  const stop = new AbortController();
  clock.at(10_000, () => stop.abort(new Error("killed")));
  await world.membership.want(wantOut());
  await expect(world.membership.reconcile({ signal: stop.signal, listen: world.listen })).rejects.toThrow("killed");
  const restarted = createWorld(world);
  await restarted.membership.load(restarted.listen);
  await restarted.membership.reconcile({ signal: never, listen: restarted.listen });
  expect(clock.monotonicMs()).toBeGreaterThanOrEqual(30_000);
  expect(clock.monotonicMs()).toBeLessThan(31_000);
  expect(balancer.members()).toEqual([]);
});

test("killed while it serves on, and the clock is put back by years: it counts from where it wakes up", async () => {
  const { clock, balancer } = world;
  balancer.openConnections("web/i-1-80", 1);
  const stop = new AbortController();
  clock.at(10_000, () => stop.abort(new Error("killed")));
  await world.membership.want(wantOut());
  await expect(world.membership.reconcile({ signal: stop.signal, listen: world.listen })).rejects.toThrow("killed");
  clock.step(-10 * 365 * 86_400_000);
  const restarted = createWorld(world);
  await restarted.membership.load(restarted.listen);
  clock.at(15_000, () => clock.step(20 * 365 * 86_400_000));
  await restarted.membership.reconcile({ signal: never, listen: restarted.listen });
  expect(clock.monotonicMs()).toBeGreaterThanOrEqual(40_000);
  expect(clock.monotonicMs()).toBeLessThan(41_000);
  expect(balancer.members()).toEqual([]);
});

test("a DNS server that refuses does not keep it in the balancer, and is said at the end", async () => {
  const { balancer, dns, tags, events } = world;
  dns.trouble = new MusterError({ code: "dns-refused", message: "refused", hint: "Look at the key." });
  await expect(leave()).rejects.toMatchObject({ code: "dns-refused", stage: "dns" });
  expect(balancer.members()).toEqual([]);
  expect(tags.current()).toMatchObject({ "muster:state": "out-of-service" });
  expect(story(events)).toContain("dns failed");
  // The record is still the wish's: the next pass takes it away.
  dns.trouble = undefined;
  await leave();
  expect(dns.records()).toEqual([]);
});

test("a balancer that is down is put up with for its limit only", async () => {
  const { clock, balancer, dns } = world;
  balancer.trouble = new MusterError({ code: "balancer-unreachable", message: "down", hint: "Wait.", transient: true });
  await expect(leave()).rejects.toMatchObject({ code: "balancer-unreachable", stage: "register" });
  expect(dns.records()).toEqual([]);
  expect(clock.monotonicMs()).toBeLessThan(60_000);
});

test("wanted back while it drains, it is healthy again", async () => {
  const { clock, balancer, dns, membership, listen } = world;
  balancer.openConnections("web/i-1-80", 1);
  await membership.want(wantOut());
  const leaving = membership.reconcile({ signal: never, listen });
  let back: ReturnType<typeof membership.reconcile> | undefined;
  clock.at(5_000, async () => {
    await membership.want(wantIn());
    back = membership.reconcile({ signal: never, listen });
  });
  expect(await leaving).toEqual({ kind: "superseded" });
  expect(await back).toMatchObject({ kind: "agrees", want: "in" });
  expect(balancer.members()).toEqual(["web/i-1-80"]);
  expect(dns.records()).toHaveLength(1);
});

test("drained by somebody else, its connections get their time all the same", async () => {
  const { clock, balancer, dns, membership, listen } = world;
  await membership.want(wantIn({ targets: world.membership.status().wish?.places.targets ?? [], records: [] }));
  await membership.reconcile({ signal: never, listen });
  const before = clock.monotonicMs();
  const [place] = world.membership.status().wish?.places.targets ?? [];
  if (place === undefined) throw new Error("no target");
  await balancer.drain(place, never);
  balancer.openConnections("web/i-1-80", 1);
  await leave();
  expect(clock.monotonicMs() - before).toBeGreaterThanOrEqual(20_000);
  expect(dns.records()).toEqual([]);
});

test("when the settings no longer name a balancer, that is said, and the rest is left", async () => {
  const { files, clock, tags, dns, events, listen } = world;
  const membership = createMembership({ files, clock, tags, dns, tagPrefix: "muster:", pace: localPace });
  await membership.load(listen);
  await membership.want(wantOut());
  await membership.reconcile({ signal: never, listen });
  expect(dns.records()).toEqual([]);
  expect(story(events)).toContain("notice balancer-missing");
});

test("whoever waits for a leave that is under way hurries it, and waits no longer than its own signal lasts", async () => {
  const { clock, balancer, membership, listen } = world;
  balancer.openConnections("web/i-1-80", 1);
  await membership.want(wantOut());
  const first = membership.reconcile({ signal: never, listen });
  const second = membership.reconcile({ signal: never, listen, serveLimitMs: 5_000 });
  expect(await first).toMatchObject({ kind: "agrees" });
  expect(clock.monotonicMs()).toBeGreaterThanOrEqual(5_000);
  expect(clock.monotonicMs()).toBeLessThan(6_000);
  expect(await second).toMatchObject({ kind: "agrees", changed: false });

  balancer.trouble = trouble("balancer-unreachable", true);
  await membership.want(wantIn());
  const joining = membership.reconcile({ signal: never, listen }).catch((error: unknown) => error);
  const impatient = new AbortController();
  clock.at(clock.monotonicMs() + 1_000, () => impatient.abort(new Error("no time left")));
  await expect(membership.reconcile({ signal: impatient.signal, listen })).rejects.toThrow("no time left");
  expect(membership.status().reconciling, "the other one goes on").toBe(true);
  expect(await joining).toMatchObject({ code: "balancer-unreachable" });
});
