import { describe, expect, test } from "vitest";
import type { Owner } from "../../src/domain/membership/membership.ts";
import type { Slot } from "../../src/domain/membership/slot.ts";
import type { Slots } from "../../src/ports/slots.ts";

/** Slots that everybody sees, and what a test may do to the world around them. */
export type SlotsWorld = {
  /** As a machine whose clock is so far ahead has them. */
  readonly slots: (aheadMs?: number) => Slots;
  readonly zone: string;
  /** Puts a text at the name of a slot, as a person would. */
  readonly plant: (slot: Slot, number: number) => Promise<void>;
};

const minute = 60_000;
const hour = 60 * minute;

/** The contract of src/ports/slots.ts. Each test has a slot of its own. */
export function slotsSuite(name: string, world: () => SlotsWorld): void {
  const signal = new AbortController().signal;
  let made = 0;

  function slotOf(count: number): Slot {
    made += 1;
    return { zone: world().zone, name: `patch-${made}.${world().zone}`, count };
  }

  const take = (slot: Slot, who: number, aheadMs?: number) =>
    world().slots(aheadMs).take(slot, instance(who), hour, signal);
  const renew = (slot: Slot, who: number) => world().slots().renew(slot, instance(who), hour, signal);
  const release = (slot: Slot, who: number) => world().slots().release(slot, instance(who), signal);

  describe(`slots: ${name}`, () => {
    test("one is taken, held against others, given back and taken again", async () => {
      const slot = slotOf(1);
      const before = Date.now();
      const taken = await take(slot, 1);
      expect(taken).toMatchObject({ kind: "taken", number: 1 });
      const until = taken.kind === "taken" ? Date.parse(taken.until) : 0;
      expect(until - before).toBeGreaterThan(hour - minute);
      expect(until - before).toBeLessThan(hour + minute);
      const busy = await take(slot, 2);
      expect(busy).toMatchObject({ kind: "busy", owners: [{ number: 1, owner: instance(1) }] });
      await release(slot, 2);
      expect(await take(slot, 2)).toMatchObject({ kind: "busy" });
      await release(slot, 1);
      await release(slot, 1);
      expect(await take(slot, 2)).toMatchObject({ kind: "taken", number: 1 });
    });

    test("taking twice is renewing: an owner holds one at the most", async () => {
      const slot = slotOf(2);
      expect(await take(slot, 1)).toMatchObject({ kind: "taken", number: 1 });
      expect(await take(slot, 1)).toMatchObject({ kind: "taken", number: 1 });
      expect(await take(slot, 2)).toMatchObject({ kind: "taken", number: 2 });
    });

    test.each([1, 3])("of ten who take at once exactly %i get one", async (count) => {
      const slot = slotOf(count);
      const takes = await Promise.all(Array.from({ length: 10 }, (_, who) => take(slot, who)));
      const numbers = takes.flatMap((one) => (one.kind === "taken" ? [one.number] : []));
      expect(numbers.toSorted((one, other) => one - other)).toEqual([1, 2, 3].slice(0, count));
      const losers = takes.flatMap((one) => (one.kind === "busy" ? [one.owners.length] : []));
      expect(losers).toEqual(Array.from({ length: 10 - count }, () => count));
    });

    test("one whose holder died is over ten minutes after its end, and not before", async () => {
      const slot = slotOf(1);
      await take(slot, 1);
      expect(await take(slot, 2, hour + 9 * minute)).toMatchObject({ kind: "busy" });
      expect(await take(slot, 2, hour + 11 * minute)).toMatchObject({ kind: "taken", number: 1 });
    });

    test("of two who take over the same one, one gets it", async () => {
      const slot = slotOf(1);
      await take(slot, 1);
      const takes = await Promise.all([take(slot, 2, 2 * hour), take(slot, 3, 2 * hour)]);
      expect(takes.map(({ kind }) => kind).toSorted()).toEqual(["busy", "taken"]);
    });

    test("renewing holds on from now, and fails once somebody else took it over", async () => {
      const slot = slotOf(1);
      await take(slot, 1);
      expect(await renew(slot, 1)).toMatchObject({ number: 1 });
      await take(slot, 2, 2 * hour);
      await expect(renew(slot, 1)).rejects.toMatchObject({ code: "slot-lost", transient: false });
      await release(slot, 1);
      expect(await take(slot, 3)).toMatchObject({ kind: "busy", owners: [{ owner: instance(2) }] });
    });

    test("renewing what was never taken fails", async () => {
      await expect(renew(slotOf(1), 1)).rejects.toMatchObject({ code: "slot-lost" });
    });

    test("an end that no right clock can have written holds nobody up", async () => {
      const slot = slotOf(1);
      await take(slot, 1, 10 * 365 * 24 * hour);
      expect(await take(slot, 2)).toMatchObject({ kind: "taken" });
    });

    test("what muster did not write is in the way and stays", async () => {
      const slot = slotOf(2);
      await world().plant(slot, 1);
      expect(await take(slot, 1)).toMatchObject({ kind: "taken", number: 2 });
      expect(await take(slot, 2)).toMatchObject({
        kind: "busy",
        owners: [{ number: 1 }, { number: 2, owner: instance(1) }],
      });
      await release(slot, 1);
      expect(await take(slot, 2, 10 * hour)).toMatchObject({ kind: "taken", number: 2 });
    });
  });
}

function instance(number: number): Owner {
  return { account: "111122223333", region: "eu-west-1", instance: `i-${number}` };
}
