import { z } from "zod";
import { knownWord } from "../../lib/known-word.ts";
import type { EventBody } from "../../domain/run/events.ts";
import { MusterError } from "../../domain/errors/errors.ts";
import type { Owner } from "../../domain/membership/membership.ts";
import type { Hold, Slot, SlotOwner, SlotPurpose } from "../../domain/membership/slot.ts";
import { slotOf } from "../../membership/slot-of.ts";
import { zoneShape } from "../../membership/wish-schema.ts";
import type { Slots } from "../../ports/slots.ts";
import { stateFile } from "../../ports/state-file.ts";
import type { StateFiles } from "../../ports/state-files.ts";
import type { Duty } from "../../run/state/duty.ts";

/** The slot that this instance has asked for; with a hold, it was granted. */
export type HeldSlot = {
  readonly purpose: SlotPurpose;
  readonly slot: Slot;
  readonly owner: Owner;
  /** How long each renewal lasts, in milliseconds. */
  readonly forMs: number;
  /** Absent: the answer is not known yet. */
  readonly hold?: Hold;
};

/** Whether this instance may leave service by choice. */
export type SlotAnswer =
  | { readonly kind: "taken" }
  | { readonly kind: "busy"; readonly owners: readonly SlotOwner[] }
  /** No authority to ask: other instances may leave at the same time. */
  | { readonly kind: "unguarded"; readonly why: string };

/**
 * Keeps the one slot of this instance. The file is written before the slot is taken and removed after it is released,
 * so that the next agent knows what to renew or release.
 */
export type SlotKeeper = {
  /** Reads the file that an earlier agent left. */
  load(): Promise<void>;
  current(): HeldSlot | undefined;
  /** True from the request until the leave is done: the slot is in use although the instance still serves. */
  inUse(): boolean;
  /**
   * Takes a slot and leaves service with it; without an authority, leaves all the same. Does not leave if every slot is
   * taken.
   * @throws MusterError as Slots.take, `template-*`, `dns-name-invalid`; the slot may have been taken all the same
   */
  use(purpose: SlotPurpose, duty: Duty, signal: AbortSignal, leave: () => Promise<void>): Promise<SlotAnswer>;
  /** @throws MusterError as Slots.renew; after `slot-lost` this instance holds none */
  renew(signal: AbortSignal): Promise<void>;
  /** No-op without a slot. @throws MusterError as Slots.release: the slot is still held */
  release(signal: AbortSignal): Promise<void>;
};

export type SlotKeeperDeps = {
  readonly files: Pick<StateFiles, "read" | "write" | "remove">;
  /** Absent: no zone that this machine may write to. */
  readonly slots?: Slots | undefined;
  readonly emit: (event: EventBody) => void;
  /** Whether the status shows a slot: it may be out of date after an agent died. */
  readonly isShown: () => boolean;
};

const heldSchema = z.object({
  // A slot for a purpose that only a newer binary knows is renewed and given back as any other.
  purpose: z.string().transform(knownWord(["patch", "health", "replacement"], "patch")),
  slot: z.object({ ...zoneShape, name: z.string(), count: z.int() }),
  owner: z.object({ account: z.string(), region: z.string(), instance: z.string() }),
  forMs: z.number(),
  hold: z.object({ number: z.int(), until: z.string() }).exactOptional(),
});

export const slotFile = stateFile<HeldSlot>("slot.json", heldSchema);

export function createSlotKeeper({ files, slots, emit, isShown }: SlotKeeperDeps): SlotKeeper {
  let held: HeldSlot | undefined;
  let inUse = false;

  function show(): void {
    if (held?.hold === undefined) return emit({ type: "slot-changed" });
    const { purpose, hold, slot } = held;
    emit({ type: "slot-changed", slot: { purpose, ...hold, name: slot.name, count: slot.count } });
  }

  async function put(wanted: HeldSlot | undefined): Promise<void> {
    if (wanted === undefined) await slotFile.remove(files);
    else await slotFile.write(files, wanted);
    const shown = held?.hold ?? wanted?.hold;
    held = wanted;
    if (shown !== undefined) show();
  }

  async function take(
    purpose: SlotPurpose,
    { role, environment, identity }: Duty,
    signal: AbortSignal,
  ): Promise<SlotAnswer> {
    if (role.slot === undefined) return { kind: "unguarded", why: `role ${role.name} has no slot in the catalogue` };
    if (slots === undefined) return { kind: "unguarded", why: "the settings name no DNS server to hold slots" };
    const { account, region, id: instance } = identity.instance;
    const owner = { account, region, instance };
    const slot = slotOf(role.slot, { role: role.name, environment, identity });
    const wanted = { purpose, slot, owner, forMs: role.slot.expiresMs };
    await put(wanted);
    const answer = await slots.take(slot, owner, wanted.forMs, signal);
    if (answer.kind === "busy") {
      await put(undefined);
      return answer;
    }
    const { number, until } = answer;
    await put({ ...wanted, hold: { number, until } });
    return { kind: "taken" };
  }

  return {
    current: () => held,
    inUse: () => inUse,
    async load() {
      // If the file is lost, the slot expires by itself.
      held = await slotFile.read(files);
      if (held?.hold !== undefined || isShown()) show();
    },
    async use(purpose, duty, signal, leave) {
      inUse = true;
      try {
        const answer = await take(purpose, duty, signal);
        if (answer.kind !== "busy") await leave();
        return answer;
      } finally {
        inUse = false;
      }
    },
    async renew(signal) {
      if (held === undefined || slots === undefined) return;
      try {
        await put({ ...held, hold: await slots.renew(held.slot, held.owner, held.forMs, signal) });
      } catch (error) {
        if (error instanceof MusterError && error.code === "slot-lost") await put(undefined);
        throw error;
      }
    },
    async release(signal) {
      if (held === undefined) return;
      await slots?.release(held.slot, held.owner, signal);
      await put(undefined);
    },
  };
}
