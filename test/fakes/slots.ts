import { MusterError } from "../../src/domain/errors/errors.ts";
import type { Owner } from "../../src/domain/membership/membership.ts";
import { isOver, type Slot } from "../../src/domain/membership/slot.ts";
import type { Slots } from "../../src/ports/slots.ts";

type Held = { readonly owner?: Owner; readonly until?: string };

/** Slots in memory, for as many instances as a test has. */
export type FakeSlots = Slots & {
  /** `take INSTANCE`, `renew INSTANCE`, `release INSTANCE`, in order. */
  readonly calls: readonly string[];
  /** Thrown by every call while it is set. */
  trouble: MusterError | undefined;
  /** Something that no muster wrote. */
  plant(slot: Slot, number: number): void;
  /** The instances that hold one, by number. */
  owners(slot: Slot): readonly (string | undefined)[];
};

export function createFakeSlots(now: () => Date): FakeSlots {
  const held = new Map<string, Held>();
  const calls: string[] = [];

  function begin(what: string, owner: Owner, signal: AbortSignal): void {
    signal.throwIfAborted();
    calls.push(`${what} ${owner.instance}`);
    if (fake.trouble !== undefined) throw fake.trouble;
  }

  function find(slot: Slot, isSo: (one: Held | undefined) => boolean) {
    return keys(slot).find(({ key }) => isSo(held.get(key)));
  }

  const isFree = (one: Held | undefined) => one === undefined || (one.until !== undefined && isOver(one.until, now()));
  const isOf = (owner: Owner) => (one: Held | undefined) => JSON.stringify(one?.owner) === JSON.stringify(owner);

  function hold(owner: Owner, forMs: number, { number, key }: { readonly number: number; readonly key: string }) {
    const until = new Date(now().getTime() + forMs).toISOString();
    held.set(key, { owner, until });
    return { number, until };
  }

  const fake: FakeSlots = {
    calls,
    trouble: undefined,
    plant: (slot, number) => void held.set(keys(slot)[number - 1]?.key ?? "", {}),
    owners: (slot) => keys(slot).map(({ key }) => held.get(key)?.owner?.instance),
    async take(slot, owner, forMs, signal) {
      begin("take", owner, signal);
      const free = find(slot, isOf(owner)) ?? find(slot, isFree);
      if (free !== undefined) return { kind: "taken", ...hold(owner, forMs, free) };
      return { kind: "busy", owners: keys(slot).map(({ number, key }) => ({ number, ...held.get(key) })) };
    },
    async renew(slot, owner, forMs, signal) {
      begin("renew", owner, signal);
      const mine = find(slot, isOf(owner));
      if (mine !== undefined) return hold(owner, forMs, mine);
      throw new MusterError({ code: "slot-lost", message: `no slot of ${slot.name}`, hint: "Renew in time." });
    },
    async release(slot, owner, signal) {
      begin("release", owner, signal);
      for (const { key } of keys(slot)) if (isOf(owner)(held.get(key))) held.delete(key);
    },
  };
  return fake;
}

function keys({ zone, name, count }: Slot): readonly { readonly number: number; readonly key: string }[] {
  return Array.from({ length: count }, (_, index) => ({ number: index + 1, key: `${zone} ${name} ${index + 1}` }));
}
