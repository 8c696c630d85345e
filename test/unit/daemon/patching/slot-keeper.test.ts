import { expect, test } from "vitest";
import { dueOf } from "../../../../src/daemon/patching/keep-slot.ts";
import { createSlotKeeper, type HeldSlot } from "../../../../src/daemon/patching/slot-keeper.ts";
import type { EventBody } from "../../../../src/domain/run/events.ts";
import type { Wish } from "../../../../src/domain/membership/membership.ts";
import type { InstanceState } from "../../../../src/domain/instance/state.ts";
import type { Duty } from "../../../../src/run/state/duty.ts";
import { readCatalogue } from "../../../../src/settings/catalogue.ts";
import { createFakeSlots } from "../../../fakes/slots.ts";
import { createFakeStateFiles } from "../../../fakes/state-files.ts";
import { identity, never, trouble } from "../../run/world.ts";
import { replace } from "./patching.ts";

const text = 'version: 1\nroles: { web: { slot: { zone: example.internal, name: "{role}" } } }\n';
const role = readCatalogue(text, "muster.yaml").catalogue.roles["web"];
if (role === undefined) throw new Error("no role");
const duty: Duty = { role, entry: {}, environment: "dev", identity, commit: "c1" };
const slot = { zone: "example.internal", name: "web.example.internal", count: 1 };
const me = { account: "local", region: "local", instance: "i-1" };
const hour = 3_600_000;

function agents() {
  const files = createFakeStateFiles();
  const slots = createFakeSlots(() => new Date("2026-01-01T00:00:00Z"));
  const told: EventBody[] = [];
  const next = async () => {
    const holder = createSlotKeeper({ files, slots, emit: (event) => void told.push(event), isShown: () => false });
    await holder.load();
    return holder;
  };
  return { files, slots, told, next };
}

test("what was taken outlives the agent, and goes when it is given back", async () => {
  const { files, slots, told, next } = agents();
  const left: unknown[] = [];
  const first = await next();
  await first.use("patch", duty, never, async () => void left.push(first.inUse(), slots.owners(slot)));
  expect(left).toEqual([true, ["i-1"]]);
  expect(first.inUse()).toBe(false);
  const second = await next();
  expect(second.current()).toMatchObject({ purpose: "patch", slot, owner: me, forMs: hour, hold: { number: 1 } });
  await second.renew(never);
  await second.release(never);
  expect(slots.owners(slot)).toEqual([undefined]);
  expect([...files.texts.keys()]).toEqual([]);
  const shown = { purpose: "patch", number: 1, until: "2026-01-01T01:00:00.000Z", name: slot.name, count: 1 };
  expect(told.map((event) => (event.type === "slot-changed" ? event.slot : event))).toEqual([
    shown,
    shown,
    shown,
    undefined,
  ]);
});

test("the next agent finds the slot in the zone of its id", async () => {
  const { slots, next } = agents();
  const asked: unknown[] = [];
  const [take, renew] = [slots.take.bind(slots), slots.renew.bind(slots)];
  slots.take = (of, ...rest) => (asked.push(of.zoneId), take(of, ...rest));
  slots.renew = (of, ...rest) => (asked.push(of.zoneId), renew(of, ...rest));
  const byId = { ...role, slot: { ...role.slot, zone: "example.internal", name: "web", count: 1, expiresMs: hour } };
  const first = await next();
  await first.use("patch", { ...duty, role: { ...byId, slot: { ...byId.slot, zoneId: "Z1" } } }, never, async () => {});
  await (await next()).renew(never);
  expect(asked).toEqual(["Z1", "Z1"]);
});

test("nobody leaves when others hold all, and nothing stays behind", async () => {
  const { files, slots, next } = agents();
  await slots.take(slot, { ...me, instance: "i-2" }, hour, never);
  const holder = await next();
  const answer = await holder.use("patch", duty, never, () => Promise.reject(new Error("it left")));
  expect(answer).toMatchObject({ kind: "busy", owners: [{ owner: { instance: "i-2" } }] });
  expect(holder.current()).toBeUndefined();
  expect([...files.texts.keys()]).toEqual([]);
});

test.each([false, true])("a call without an answer (taken: %s) leaves a record of what may be held", async (taken) => {
  const { slots, next } = agents();
  replace(slots, "take", (real) => async (name, owner, forMs, signal) => {
    if (taken) await real(name, owner, forMs, signal);
    throw trouble("dns-unreachable", true);
  });
  const holder = await next();
  const used = holder.use("patch", duty, never, () => Promise.reject(new Error("it left")));
  await expect(used).rejects.toMatchObject({ code: "dns-unreachable" });
  const second = await next();
  expect(second.current()).toMatchObject({ slot, owner: me });
  expect(second.current()).not.toHaveProperty("hold");
  await second.release(never);
  expect(slots.owners(slot)).toEqual([undefined]);
  expect(second.current()).toBeUndefined();
});

test("without a slot in the catalogue, or a zone, nobody is asked and it leaves", async () => {
  const { files, slots, next } = agents();
  const { slot: _none, ...plain } = role;
  let left = 0;
  const leave = async () => void (left += 1);
  expect(await (await next()).use("patch", { ...duty, role: plain }, never, leave)).toMatchObject({
    kind: "unguarded",
    why: "role web has no slot in the catalogue",
  });
  const zoneless = createSlotKeeper({ files, emit: () => undefined, isShown: () => false });
  expect(await zoneless.use("patch", duty, never, leave)).toMatchObject({ kind: "unguarded" });
  expect([left, slots.calls, [...files.texts.keys()]]).toEqual([2, [], []]);
});

test("one that was taken over is forgotten, and its record with it", async () => {
  const { files, slots, next } = agents();
  const holder = await next();
  await holder.use("patch", duty, never, async () => undefined);
  await slots.release(slot, me, never);
  await expect(holder.renew(never)).rejects.toMatchObject({ code: "slot-lost" });
  expect([holder.current(), [...files.texts.keys()]]).toEqual([undefined, []]);
});

test("a garbled record is none: what it held runs out by itself", async () => {
  const { files, next } = agents();
  files.texts.set("slot.json", '{"v":1,"slot":{"zo');
  expect((await next()).current()).toBeUndefined();
});

const held: HeldSlot = {
  purpose: "patch",
  slot,
  owner: me,
  forMs: hour,
  hold: { number: 1, until: "2026-01-01T01:00:00.000Z" },
};
const [early, late] = ["2026-01-01T00:19:00Z", "2026-01-01T00:21:00Z"];

test.each([
  ["in-service", "in run", early, "release"],
  // Another wish, which nobody has begun to work yet.
  ["in-service", "out patch", early, "nothing"],
  ["out-of-service", "out patch", early, "nothing"],
  ["out-of-service", "out patch", late, "renew"],
  ["rebooting", "out patch", late, "renew"],
  ["starting", "out patch", late, "renew"],
  ["out-of-service", "out health", late, "renew"],
  ["held", "out run", late, "nothing"],
  ["starting", "out run", late, "nothing"],
  ["out-of-service", "out operator", late, "nothing"],
  ["leaving", "out notice", late, "nothing"],
] as const)("%s, wished %s, at %s: %s", (state: InstanceState, wished, now, due) => {
  const [want, by] = wished.split(" ");
  const wish = { want, by, reason: "", since: "", bootId: "b" } as unknown as Wish;
  expect(dueOf(held, { state, bootId: "b" }, wish, new Date(now))).toBe(due);
});

test("the shutdown on the way of a planned reboot is no end of the work", () => {
  const wish = { want: "out", by: "shutdown", reason: "", since: "", bootId: "a" } as unknown as Wish;
  expect(dueOf(held, { state: "starting", bootId: "a" }, wish, new Date(late))).toBe("nothing");
  expect(dueOf(held, { state: "starting", bootId: "b" }, wish, new Date(late))).toBe("renew");
});

test("what nobody knows to be held is given back, whatever the state", () => {
  const { hold: _none, ...asked } = held;
  expect(dueOf(asked, { state: "starting", bootId: "b" }, undefined, new Date(early))).toBe("release");
});
