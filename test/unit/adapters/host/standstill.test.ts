import { once } from "node:events";
import { appendFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { unlessItStandsStill } from "../../../../src/adapters/host/packages/standstill.ts";
import { createVirtualClock } from "../../../fakes/virtual-clock.ts";

const never = new AbortController().signal;
const reason = new Error("it stands still");

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "muster-standstill-"));
});
afterEach(() => rm(directory, { recursive: true }));

/** Work that ends only by being stopped. */
async function endless(signal: AbortSignal): Promise<never> {
  await once(signal, "abort");
  signal.throwIfAborted();
  throw new Error("it was not stopped");
}

/** Endless work on a clock of which each sleep does `meanwhile`. */
function stuck(places: readonly string[], meanwhile: (elapsedMs: number) => Promise<void>, signal = never) {
  const clock = createVirtualClock();
  const sleep = clock.sleep.bind(clock);
  clock.sleep = async (ms, given) => {
    await sleep(ms, given);
    await meanwhile(clock.monotonicMs());
  };
  return { clock, ended: unlessItStandsStill(places, reason, clock, signal, endless) };
}

test("what neither prints nor stores anything for two minutes is stopped", async () => {
  const { clock, ended } = stuck([join(directory, "log"), directory], async () => undefined);
  await expect(ended).rejects.toBe(reason);
  expect(clock.monotonicMs()).toBe(120_000);
});

test.for([
  ["its log", (at: number) => appendFile(join(directory, "log"), `${at}\n`)],
  // Three name servers that say nothing: apt prints its first line after 84 s.
  ["now and then its log", async (at: number) => at % 85_000 === 0 && appendFile(join(directory, "log"), `${at}\n`)],
  ["a file in a directory", (at: number) => writeFile(join(directory, "lists", `part-${at % 2}`), `${at}`)],
  ["a file that goes", (at: number) => rm(join(directory, "lists", `there-${at / 60_000}`), { force: true })],
] as const)("as long as %s changes it goes on", async ([_, change]) => {
  await mkdir(join(directory, "lists"));
  for (const minute of [1, 2, 3, 4, 5]) await writeFile(join(directory, "lists", `there-${minute}`), "");
  const { clock, ended } = stuck([join(directory, "log"), join(directory, "lists")], async (elapsedMs) => {
    if (elapsedMs <= 300_000) await change(elapsedMs);
  });
  await expect(ended).rejects.toBe(reason);
  expect(clock.monotonicMs()).toBeGreaterThanOrEqual(300_000);
});

test("what ends ends as it does, and is watched no more", async () => {
  const clock = createVirtualClock();
  clock.freeze();
  expect(await unlessItStandsStill([directory], reason, clock, never, async () => "done")).toBe("done");
  const failure = new Error("failed by itself");
  await expect(unlessItStandsStill([directory], reason, clock, never, () => Promise.reject(failure))).rejects.toBe(
    failure,
  );
  expect(clock.sleepers()).toBe(0);
});

test("who asked for an end is told of it, not of a standstill", async () => {
  const over = new AbortController();
  const { ended } = stuck([directory], async () => over.abort(new Error("cancelled")), over.signal);
  await expect(ended).rejects.toThrow("cancelled");
});
