import { expect, it } from "vitest";
import type { LockHolder, RunLock } from "../../src/ports/run-lock.ts";

const { signal: never } = new AbortController();

function ignore(): void {
  // Only some tests want to know who is waited for.
}

/** What every lock keeps to. @param open two who compete for one lock */
export function runLockSuite(open: () => Promise<{ one: RunLock; other: RunLock }>): void {
  function given(what: string, test: (one: RunLock, other: RunLock) => Promise<void>): void {
    it(what, async () => {
      const { one, other } = await open();
      await test(one, other);
    });
  }

  given("is taken, released and taken again", async (one, other) => {
    for (const lock of [one, other, one]) await (await lock.acquire("muster run", 0, never, ignore)).release();
  });

  given("refuses whoever does not wait, and says who holds it since when", async (one, other) => {
    const held = await one.acquire("muster run patch", 0, never, ignore);
    await expect(other.acquire("muster run", 0, never, ignore)).rejects.toMatchObject({
      code: "lock-held",
      transient: true,
      message: expect.stringMatching(/"muster run patch" .*since \d{4}-\d\d-\d\dT/) as string,
    });
    await held.release();
  });

  given("makes wait until it is free, and tells once for whom", async (one, other) => {
    const held = await one.acquire("muster daemon", 0, never, ignore);
    const told: (LockHolder | undefined)[] = [];
    const waiting = other.acquire("muster run", 60_000, never, (holder) => void told.push(holder));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await held.release();
    await (await waiting).release();
    expect(told).toMatchObject([{ what: "muster daemon", pid: process.pid }]);
  });

  given("is given up waiting for when the time is out, or on an abort", async (one, other) => {
    const held = await one.acquire("muster daemon", 0, never, ignore);
    await expect(other.acquire("muster run", 300, never, ignore)).rejects.toMatchObject({ code: "lock-held" });
    const abort = new AbortController();
    const waiting = other.acquire("muster run", 60_000, abort.signal, () => abort.abort(new Error("enough")));
    await expect(waiting).rejects.toThrow("enough");
    await held.release();
    await (await other.acquire("muster run", 0, never, ignore)).release();
  });
}
