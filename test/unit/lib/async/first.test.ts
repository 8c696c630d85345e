import { expect, test } from "vitest";
import { aborted } from "../../../../src/lib/async/aborted.ts";
import { firstOf } from "../../../../src/lib/async/first.ts";
import { createFakeClock } from "../../../fakes/clock.ts";

const { signal: never } = new AbortController();

test("the first that ends decides, and the others have ended before it returns", async () => {
  const ended: string[] = [];
  async function endless(signal: AbortSignal): Promise<never> {
    try {
      return await aborted(signal);
    } finally {
      await Promise.resolve();
      ended.push("endless");
    }
  }
  expect(await firstOf(never, [endless, async () => "done"])).toBe("done");
  expect(ended).toEqual(["endless"]);
});

test("a failure decides too", async () => {
  await expect(firstOf(never, [aborted, () => Promise.reject(new Error("broken"))])).rejects.toThrow("broken");
});

test("the outer signal ends all of it", async () => {
  const outer = new AbortController();
  const clock = createFakeClock();
  clock.at(500, () => outer.abort(new Error("cancelled")));
  await expect(firstOf(outer.signal, [aborted, (own) => clock.sleep(1_000, own)])).rejects.toThrow("cancelled");
});
