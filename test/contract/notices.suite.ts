import { beforeEach, describe, expect, test } from "vitest";
import type { CloudNotice } from "../../src/domain/membership/cloud-notice.ts";
import type { CloudNotices } from "../../src/ports/cloud-notices.ts";

/** A cloud that may have something to say. */
export type NoticesWorld = {
  readonly notices: CloudNotices;
  /** What it says from now on. */
  say(notices: readonly CloudNotice[]): void;
  /** Something that no notice is; absent where nothing can be garbled. */
  garble?(): void;
  readonly warnings: readonly string[];
};

const signal = new AbortController().signal;

const spot: CloudNotice = { kind: "spot", action: "terminate", at: "2026-11-21T08:02:00.000Z" };
const rebalance: CloudNotice = { kind: "rebalance", noticedAt: "2026-11-21T08:00:00.000Z" };
const maintenance: CloudNotice = {
  kind: "maintenance",
  id: "instance-event-0d59937288b749b32",
  code: "system-reboot",
  text: "The instance is scheduled for a reboot",
  notBefore: "2026-11-28T09:00:43.000Z",
  notAfter: "2026-11-28T11:00:43.000Z",
  state: "active",
};

/** The contract of src/ports/cloud-notices.ts. */
export function noticesSuite(name: string, create: () => NoticesWorld): void {
  let world: NoticesWorld;

  beforeEach(() => {
    world = create();
  });

  describe(`notices: ${name}`, () => {
    test("nothing is about to happen", async () => {
      world.say([]);
      expect(await world.notices.pending(signal)).toEqual([]);
    });

    test.each([
      ["a spot interruption", [spot]],
      ["a rebalance recommendation", [rebalance]],
      ["scheduled maintenance", [maintenance]],
      ["all of them", [spot, rebalance, maintenance]],
    ])("%s is told for as long as it stands", async (_what, said) => {
      world.say(said);
      expect(await world.notices.pending(signal)).toEqual(said);
      expect(await world.notices.pending(signal)).toEqual(said);
    });

    test("a spot interruption that is taken back is told no longer", async () => {
      world.say([spot]);
      expect(await world.notices.pending(signal)).toEqual([spot]);
      world.say([]);
      expect(await world.notices.pending(signal)).toEqual([]);
    });

    test("what cannot be understood is warned of once, and takes nothing back", async () => {
      if (world.garble === undefined) return;
      world.say([spot]);
      await world.notices.pending(signal);
      world.garble();
      expect(await world.notices.pending(signal)).toEqual([spot]);
      expect(await world.notices.pending(signal)).toEqual([spot]);
      expect(world.warnings).toHaveLength(1);
      world.say([]);
      expect(await world.notices.pending(signal)).toEqual([]);
    });

    test("an abort is obeyed", async () => {
      await expect(world.notices.pending(AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
    });
  });
}
