import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { aptDialect } from "../../../../src/adapters/apt/package-manager.ts";
import { createTransactions } from "../../../../src/adapters/host/packages/transactions.ts";
import { detached } from "../../../../src/ports/unit-runner.ts";
import { recordingContext } from "../../../fakes/stage-context.ts";
import { createFakeUnits, type FakeProgram } from "../../../fakes/unit-runner.ts";
import { createVirtualClock } from "../../../fakes/virtual-clock.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "muster-refresh-"));
});
afterEach(() => rm(directory, { recursive: true }));

const stuck = { lines: ["Get:1 http://mirror bookworm InRelease"], go: new Promise<void>(() => undefined) };

/** A machine on which each attempt does what is next on the list, and the agents that come and go on it. */
function setUp(...programs: FakeProgram[]) {
  const context = recordingContext("index");
  const clock = createVirtualClock();
  const units = createFakeUnits(() => programs.shift() ?? {});
  const unit = { step: "index-refresh", label: "apt-get update", writes: [directory] };
  const refresh = { ...unit, argv: ["apt-get", "update"] as const, locks: [], timeoutMs: 600_000 };
  const logFile = (name: string) => join(directory, `${name}.log`);
  return {
    context,
    clock,
    isAtWork: (): boolean => units.lives(`muster-${context.run}-index-refresh`),
    agent: () => {
      const transactions = createTransactions({ units: units.agent(), clock, logFile, holderOf: nobody }, aptDialect);
      return {
        run: (signal = context.signal) => transactions.run(refresh, { ...context, signal }),
        attach: (signal = context.signal) => transactions.attach(unit, { ...context, signal }),
      };
    },
  };
}

/** An agent that begins to refresh and dies; from then on time passes only by hand. */
async function beginAndDie({ agent, clock, isAtWork }: ReturnType<typeof setUp>): Promise<void> {
  clock.freeze();
  const death = new AbortController();
  const begun = agent().run(death.signal);
  await expect.poll(isAtWork).toBe(true);
  death.abort(detached);
  await expect(begun).rejects.toBe(detached);
}

async function nobody(): Promise<undefined> {
  return undefined;
}

const stoodStill = {
  code: "package-fetch-failed",
  transient: true,
  message: expect.stringContaining("stood still") as string,
};

test("a command that stands still is gone before it is tried again", async () => {
  const { agent, isAtWork } = setUp(stuck, { lines: ["Reading package lists..."] });
  const { run } = agent();
  await expect(run()).rejects.toMatchObject(stoodStill);
  expect(isAtWork()).toBe(false);
  expect(await run()).toEqual(["Reading package lists..."]);
});

test("one that an earlier agent began is stopped as well, and nothing of it is left to attach to", async () => {
  const machine = setUp(stuck, { lines: ["Reading package lists..."] });
  await beginAndDie(machine);
  const { agent, isAtWork, clock } = machine;
  expect(isAtWork()).toBe(true);
  const next = agent();
  let settled = false;
  const attached = next.attach().finally(() => (settled = true));
  attached.catch(() => undefined);
  while (!settled) await clock.advance(5_000);
  await expect(attached).rejects.toMatchObject(stoodStill);
  expect(isAtWork()).toBe(false);
  expect(await next.attach()).toBeUndefined();
  expect(await next.run()).toEqual(["Reading package lists..."]);
});

test("what an earlier agent began and goes on is waited for", async () => {
  const end = Promise.withResolvers<void>();
  const machine = setUp({ ...stuck, go: end.promise });
  await beginAndDie(machine);
  const { agent, clock } = machine;
  const attached = agent().attach();
  for (const minute of [1, 2, 3, 4]) {
    await clock.advance(60_000);
    await appendFile(join(directory, "mirror_Packages"), `${minute}`);
  }
  end.resolve();
  expect(await attached).toEqual({ kind: "exited", code: 0 });
});
