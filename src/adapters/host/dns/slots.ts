/**
 * Slots as TXT records, the rules without I/O: `_muster-slot-N.NAME` holds nothing, or one value with the owner and the
 * end of the hold: `heritage=muster-slot,account=A,region=R,instance=I,until=T`. Every change names the exact value
 * that was read, so that one of two simultaneous requests is refused, reads again and decides anew.
 */
import { backOff } from "../../../lib/async/backoff.ts";
import { MusterError } from "../../../domain/errors/errors.ts";
import type { Owner } from "../../../domain/membership/membership.ts";
import { isOver, type Hold, type Slot, type SlotOwner } from "../../../domain/membership/slot.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Slots } from "../../../ports/slots.ts";
import { isMine, readFields, writeFields } from "./ownership.ts";

/** The names of slots at one DNS service. */
export type SlotBoard = {
  /**
   * The data at each name of the slot's zone, in the order asked. Data that cannot be TXT is included: it blocks the
   * slot.
   */
  read(slot: Slot, names: readonly string[], signal: AbortSignal): Promise<readonly (readonly string[])[]>;
  /**
   * Replaces one value by another; undefined means none.
   * @returns false if the name does not hold `from` any more, and nothing was changed
   */
  swap(
    slot: Slot,
    name: string,
    from: string | undefined,
    to: string | undefined,
    signal: AbortSignal,
  ): Promise<boolean>;
  /** The time, as exact as the service of the slot knows it. */
  now(slot: Slot): Date;
};

/** Seconds that a resolver may cache a slot. muster asks the service itself. */
export const slotTtl = 30;

/** How often a change is decided anew after another instance was faster. */
const attempts = 10;
const betweenAttempts = { firstMs: 50, maxMs: 1_000 };

export function createSlots(board: SlotBoard, clock: Pick<Clock, "sleep" | "random">): Slots {
  async function observe(slot: Slot, signal: AbortSignal): Promise<readonly Seen[]> {
    const names = Array.from({ length: slot.count }, (_, index) => `_muster-slot-${index + 1}.${slot.name}`);
    const held = await board.read(slot, names, signal);
    return names.map((name, index) => judge(index + 1, name, held[index] ?? []));
  }

  /** @returns undefined if another instance was faster */
  async function write(
    slot: Slot,
    owner: Owner,
    forMs: number,
    { number, name, rdata }: Seen,
    signal: AbortSignal,
  ): Promise<Hold | undefined> {
    // To the second: people read it.
    const until = new Date(board.now(slot).getTime() + forMs).toISOString().replace(/\.\d+Z$/, "Z");
    const { account, region, instance } = owner;
    const to = writeFields({ heritage, account, region, instance, until });
    return (await board.swap(slot, name, rdata, to, signal)) ? { number, until } : undefined;
  }

  /** Decides anew as long as another instance is faster. */
  async function settled<T>(slot: Slot, signal: AbortSignal, work: () => Promise<T | undefined>): Promise<T> {
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const result = await work();
      if (result !== undefined) return result;
      await backOff(betweenAttempts, attempt, clock, signal);
    }
    throw contended(slot);
  }

  return {
    take: (slot, owner, forMs, signal) =>
      settled(slot, signal, async () => {
        const seen = await observe(slot, signal);
        const free = seen.find(heldBy(owner)) ?? seen.find((one) => isFree(one, board.now(slot)));
        if (free === undefined) return { kind: "busy", owners: seen.map(({ holder }) => holder) } as const;
        const hold = await write(slot, owner, forMs, free, signal);
        return hold === undefined ? undefined : ({ kind: "taken", ...hold } as const);
      }),

    renew: (slot, owner, forMs, signal) =>
      settled(slot, signal, async () => {
        const seen = await observe(slot, signal);
        const mine = seen.find(heldBy(owner));
        if (mine === undefined) throw lost(slot, seen);
        return await write(slot, owner, forMs, mine, signal);
      }),

    async release(slot, owner, signal) {
      await settled(slot, signal, async () => {
        const mine = (await observe(slot, signal)).filter(heldBy(owner));
        const given = await Promise.all(
          mine.map(({ name, rdata }) => board.swap(slot, name, rdata, undefined, signal)),
        );
        return given.every(Boolean) ? "released" : undefined;
      });
    },
  };
}

const heritage = "muster-slot";

/** The content of one name of a slot; without `rdata` it is empty, or blocked. */
type Seen = {
  readonly number: number;
  readonly name: string;
  readonly empty: boolean;
  readonly rdata?: string;
  readonly holder: SlotOwner;
};

function judge(number: number, name: string, values: readonly string[]): Seen {
  const [rdata] = values;
  if (rdata === undefined) return { number, name, empty: true, holder: { number } };
  const held = values.length === 1 ? readHold(rdata) : undefined;
  if (held === undefined) return { number, name, empty: false, holder: { number } };
  return { number, name, empty: false, rdata, holder: { number, ...held } };
}

/** The owner in TXT data, and until when; undefined if muster did not write it. */
export function readHold(rdata: string): { readonly owner: Owner; readonly until: string } | undefined {
  const fields = readFields(rdata);
  const [account, region, instance] = [fields.get("account"), fields.get("region"), fields.get("instance")];
  const until = fields.get("until");
  if (fields.get("heritage") !== heritage || account === undefined || region === undefined) return undefined;
  if (instance === undefined || until === undefined || Number.isNaN(Date.parse(until))) return undefined;
  return { owner: { account, region, instance }, until };
}

function heldBy(owner: Owner): (seen: Seen) => boolean {
  return ({ holder }) => holder.owner !== undefined && isMine(holder.owner, owner);
}

function isFree({ empty, holder }: Seen, now: Date): boolean {
  return empty || (holder.until !== undefined && isOver(holder.until, now));
}

function lost(slot: Slot, seen: readonly Seen[]): MusterError {
  const owners = seen.flatMap(({ holder }) => holder.owner?.instance ?? []);
  const who = owners.length === 0 ? "nobody holds one now" : `held by ${owners.join(", ")}`;
  return new MusterError({
    code: "slot-lost",
    message: `This instance holds no slot of ${slot.name} any more: ${who}`,
    hint: "It was not renewed in time, or somebody removed its record; a longer `slot.expires` gives more room.",
  });
}

function contended(slot: Slot): MusterError {
  return new MusterError({
    code: "dns-contended",
    message: `The slots of ${slot.name} were changed by others ${attempts} times while this instance tried to`,
    hint: "Many instances ask for one at the same time; see what else changes the zone.",
    transient: true,
  });
}
