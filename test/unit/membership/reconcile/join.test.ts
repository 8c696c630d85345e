import { localPace } from "../../../../src/adapters/local/pace.ts";
import { expect, test } from "vitest";
import { MusterError } from "../../../../src/domain/errors/errors.ts";
import { createMembership } from "../../../../src/membership/membership.ts";
import { createWorld, owner, home, never, record, story, target, trouble, wantIn, wantOut } from "../world.ts";

test("joins in order: register, dns, tags", async () => {
  const { membership, balancer, dns, tags, events, listen } = createWorld();
  await membership.want(wantIn());
  expect(await membership.reconcile({ signal: never, listen })).toEqual({ kind: "agrees", want: "in", changed: true });
  expect(story(events)).toEqual([
    "register started",
    "register changed",
    "dns started",
    "dns changed",
    "tags started",
    "tags changed",
  ]);
  expect(balancer.members()).toEqual(["web/i-1-80"]);
  expect(dns.records()).toEqual(["web.example.internal 30 A 10.0.0.1"]);
  expect(tags.current()).toEqual({
    "muster:state": "in-service",
    "muster:reason": "every gate passed",
    "muster:commit": "c1",
    "muster:run": "r1",
  });
});

test("a wish that is true already is only looked at: nothing is written, neither out there nor on disk", async () => {
  const { membership, balancer, dns, tags, files, events, listen } = createWorld();
  await membership.want(wantIn());
  await membership.reconcile({ signal: never, listen });
  const written = [balancer.calls.length, dns.calls.length, tags.writes.length];
  files.failWrites(new Error("the disk must not be written to"));
  events.length = 0;
  await membership.want(wantIn());
  expect(await membership.reconcile({ signal: never, listen })).toEqual({ kind: "agrees", want: "in", changed: false });
  expect([balancer.calls.length, dns.calls.length, tags.writes.length]).toEqual(written);
  expect(story(events).filter((line) => !line.endsWith("started"))).toEqual([
    "register unchanged",
    "dns unchanged",
    "tags unchanged",
  ]);
});

test("the wish is on disk before the first call", async () => {
  const { membership, files, balancer } = createWorld();
  files.failWrites(new MusterError({ code: "state-write-failed", message: "disk full", hint: "Make room." }));
  await expect(membership.want(wantIn())).rejects.toMatchObject({ code: "state-write-failed" });
  expect(membership.status().wish).toBeUndefined();
  expect(balancer.calls).toEqual([]);
});

test("no record is published before the balancer says healthy", async () => {
  const { membership, clock, balancer, dns, events, listen } = createWorld();
  balancer.passes = () => clock.monotonicMs() >= 5_000;
  let early: readonly string[] = [];
  clock.at(4_999, () => {
    early = dns.records();
  });
  await membership.want(wantIn());
  await membership.reconcile({ signal: never, listen });
  expect(early).toEqual([]);
  expect(events).toContainEqual({ type: "stage-progress", stage: "register", text: "web/i-1-80: DOWN", waiting: true });
});

test("a balancer that never says healthy fails register at the target's deadline, with its reason", async () => {
  const { membership, clock, balancer, dns, events, listen } = createWorld();
  balancer.passes = () => false;
  await membership.want(wantIn());
  await expect(membership.reconcile({ signal: never, listen })).rejects.toMatchObject({
    code: "balancer-not-healthy",
    stage: "register",
    message: expect.stringContaining("web/i-1-80: DOWN") as string,
  });
  expect(clock.monotonicMs()).toBeGreaterThanOrEqual(60_000);
  expect(clock.monotonicMs()).toBeLessThan(62_000);
  expect(dns.calls).toEqual([]);
  expect(story(events)).toEqual(["register started", "register failed"]);
  expect(membership.status().failure).toMatchObject({ stage: "register", code: "balancer-not-healthy" });
});

test("a name that somebody else holds fails dns and stays; the others are published", async () => {
  const { membership, dns, listen } = createWorld();
  dns.plant(record("taken", "10.9.9.9"));
  await membership.want(wantIn({ targets: [], records: [record("taken"), record("free")] }));
  await expect(membership.reconcile({ signal: never, listen })).rejects.toMatchObject({ code: "dns-name-owned" });
  expect(dns.records()).toEqual(["free.example.internal 30 A 10.0.0.1", "taken.example.internal 30 A 10.9.9.9"]);
});

test("places in the wish that the settings name nobody for fail the join", async () => {
  const { files, clock, tags, events, listen } = createWorld();
  const membership = createMembership({ files, clock, tags, tagPrefix: "muster:", pace: localPace });
  await membership.want(wantIn());
  await expect(membership.reconcile({ signal: never, listen })).rejects.toMatchObject({ code: "balancer-missing" });
  await membership.want(wantIn({ targets: [], records: home.records }));
  await expect(membership.reconcile({ signal: never, listen })).rejects.toMatchObject({ code: "dns-missing" });
  // A place that is only to be left, with nobody to ask: said, and no reason to stay out.
  await membership.want(wantIn({ targets: [], records: [] }));
  await membership.reconcile({ signal: never, listen });
  expect(story(events)).toContain("notice balancer-missing");
});

test("that the balancer looks at a new member is a wait, whatever it takes for that", async () => {
  const { membership, events, listen } = createWorld();
  await membership.want(wantIn());
  await membership.reconcile({ signal: never, listen });
  const told = events.filter((event) => event.type === "stage-progress" && event.text.startsWith("Register "));
  expect(told).toMatchObject([{ waiting: true }]);
});

test("a role without places joins by its tags alone", async () => {
  const { membership, events, listen } = createWorld();
  await membership.want(wantIn({ targets: [], records: [] }));
  await membership.reconcile({ signal: never, listen });
  expect(story(events).filter((line) => !line.endsWith("started"))).toEqual([
    "register skipped",
    "dns skipped",
    "tags changed",
  ]);
});

test("a balancer that forgets its members is joined again", async () => {
  const { membership, clock, balancer, listen } = createWorld();
  balancer.passes = () => clock.monotonicMs() >= 5_000;
  clock.at(2_000, () => balancer.forgetAll());
  await membership.want(wantIn());
  await membership.reconcile({ signal: never, listen });
  expect(balancer.calls).toEqual(["register web/i-1-80", "register web/i-1-80"]);
});

test("former places are taken away after the new ones are in", async () => {
  const { membership, clock, balancer, dns, files, listen } = createWorld();
  await membership.want(wantIn());
  await membership.reconcile({ signal: never, listen });
  const moved = { targets: [target("api", 8080)], records: [record("api")] };
  await membership.want(wantIn(moved));
  let meanwhile: readonly string[] = [];
  balancer.passes = () => clock.monotonicMs() >= 5_000;
  clock.at(4_000, () => {
    meanwhile = [...balancer.members(), ...dns.records()];
  });
  await membership.reconcile({ signal: never, listen });
  expect(meanwhile).toEqual(["web/i-1-80", "api/i-1-8080", "web.example.internal 30 A 10.0.0.1"]);
  expect(balancer.members()).toEqual(["api/i-1-8080"]);
  expect(dns.records()).toEqual(["api.example.internal 30 A 10.0.0.1"]);
  expect(files.texts.get("membership.json")).not.toContain('i-1-80"');
});

test("a new address under the same name goes in and the old one out in one batch", async () => {
  const { membership, dns, listen } = createWorld();
  await membership.want(wantIn({ targets: [], records: [record("web", "10.0.0.1")] }));
  await membership.reconcile({ signal: never, listen });
  await membership.want(wantIn({ targets: [], records: [record("web", "10.0.0.2")] }));
  await membership.reconcile({ signal: never, listen });
  expect(dns.calls.slice(1)).toEqual([
    "withdraw web.example.internal A 10.0.0.1",
    "publish web.example.internal A 10.0.0.2",
  ]);
});

test("a name that a tag asks for and a person holds is said and done without", async () => {
  const { membership, dns, events, listen } = createWorld();
  dns.plant(record("www", "10.9.9.9"));
  const asked = { ...record("www"), tag: "muster:dns" };
  await membership.want(wantIn({ targets: [], records: [record("web"), asked] }));
  expect(await membership.reconcile({ signal: never, listen })).toMatchObject({ kind: "agrees", changed: true });
  expect(dns.records()).toEqual(["web.example.internal 30 A 10.0.0.1", "www.example.internal 30 A 10.9.9.9"]);
  const told = events.flatMap((event) => (event.type === "notice" ? [event.text] : []));
  expect(told).toEqual([
    "A www.example.internal, which the tag muster:dns asks for, is held by somebody unknown: it was left alone",
  ]);
  const summaries = events.flatMap((event) =>
    event.type === "stage-finished" && event.stage === "dns" ? [event.summary] : [],
  );
  expect(summaries).toEqual(["published web.example.internal"]);
});

test("a drain in the middle of a join takes over: the join ends as superseded", async () => {
  const { membership, clock, balancer, dns, listen } = createWorld();
  balancer.passes = () => false;
  await membership.want(wantIn());
  const joining = membership.reconcile({ signal: never, listen });
  let leaving: ReturnType<typeof membership.reconcile> | undefined;
  clock.at(3_000, async () => {
    await membership.want(wantOut());
    leaving = membership.reconcile({ signal: never, listen });
  });
  expect(await joining).toEqual({ kind: "superseded" });
  expect(await leaving).toMatchObject({ kind: "agrees", want: "out" });
  expect([balancer.members(), dns.records()]).toEqual([[], []]);
});

test("the dry run says what would be done and changes nothing", async () => {
  const { membership, balancer, dns, files } = createWorld();
  const planned = await membership.preview(wantIn(), never);
  expect(planned.register.map(({ text }) => text)).toEqual([
    "Register web/i-1-80 at 10.0.0.1:80 (not registered) and wait until the balancer says healthy",
  ]);
  expect(planned.dns).toEqual([
    { text: "Update zone example.internal", details: ["publish web.example.internal 30 A 10.0.0.1"] },
  ]);
  expect(planned.tags).toHaveLength(1);
  balancer.trouble = trouble("balancer-unreachable", true);
  expect((await membership.preview(wantIn(), never)).register[0]?.text).toMatch(/Decided at run time/);
  expect([balancer.calls, dns.calls, [...files.texts]]).toEqual([[], [], []]);
});

test("another name changes a wish for service of this boot and no other", async () => {
  const { membership, dns, files, listen } = createWorld();
  expect(await membership.rename([record("a")], owner, "boot-1")).toBe(false);
  await membership.want(wantIn({ targets: [target()], records: [] }));
  expect(await membership.rename([record("a")], owner, "boot-2")).toBe(false);
  expect(await membership.rename([record("a")], owner, "boot-1")).toBe(true);
  await membership.reconcile({ signal: never, listen });
  expect(dns.records()).toEqual(["a.example.internal 30 A 10.0.0.1"]);
  expect(membership.status().wish).toMatchObject({ places: { targets: [target()] }, tags: { run: "r1" } });
  const before = [...files.texts];
  expect(await membership.rename([record("a")], owner, "boot-1")).toBe(true);
  expect([...files.texts]).toEqual(before);
  // Whoever took it out meanwhile is not overruled.
  await Promise.all([membership.want(wantOut()), membership.rename([record("b")], owner, "boot-1")]);
  expect(membership.status().wish).toMatchObject({ want: "out", places: { records: [record("a")] } });
});

test("a throttled registration is tried again beyond the target's deadline, without another look, and holds nothing", async () => {
  const { membership, balancer, clock, listen } = createWorld();
  let looks = 0;
  const [observe, register] = [balancer.observe.bind(balancer), balancer.register.bind(balancer)];
  balancer.observe = async (...given) => {
    looks += 1;
    return await observe(...given);
  };
  balancer.register = async (...given) => {
    if (clock.monotonicMs() < 300_000) throw trouble("aws-throttled", true);
    await register(...given);
  };
  await membership.want(wantIn());
  expect(await membership.reconcile({ signal: never, listen })).toMatchObject({ kind: "agrees", changed: true });
  expect(clock.monotonicMs()).toBeGreaterThanOrEqual(300_000);
  expect(looks).toBeLessThanOrEqual(3);
});

test("time that looks at the balancer were throttled counts for no deadline", async () => {
  const { membership, balancer, clock, listen } = createWorld();
  const observe = balancer.observe.bind(balancer);
  balancer.passes = () => clock.monotonicMs() >= 310_000;
  balancer.observe = async (...given) => {
    if (clock.monotonicMs() > 1_000 && clock.monotonicMs() < 300_000) throw trouble("aws-throttled", true);
    return await observe(...given);
  };
  await membership.want(wantIn());
  expect(await membership.reconcile({ signal: never, listen })).toMatchObject({ kind: "agrees", changed: true });
});
