import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aptDialect, createAptPackageManager } from "../../../../src/adapters/apt/package-manager.ts";
import { createTransactions, type Transaction } from "../../../../src/adapters/host/packages/transactions.ts";
import type { Clock } from "../../../../src/ports/clock.ts";
import type { StageContext } from "../../../../src/ports/stage-context.ts";
import { detached } from "../../../../src/ports/unit-runner.ts";
import { createFakeUnits, type FakeProgram } from "../../../fakes/unit-runner.ts";
import { recordingContext } from "../../../fakes/stage-context.ts";

const transaction: Transaction = {
  step: "patch-upgrade",
  label: "apt-get upgrade",
  argv: ["apt-get", "-q", "-o", "X=Y", "upgrade"],
  locks: ["/lock"],
  timeoutMs: 10_000,
};
const held: FakeProgram = {
  lines: ["E: Could not get lock /lock. It is held by process 5 (apt-get)"],
  exit: { kind: "exited", code: 100 },
};

describe("a transaction", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "muster-apt-"));
  });
  afterEach(() => rm(directory, { recursive: true }));

  function setUp(programs: FakeProgram[], holders: (string | undefined)[] = []) {
    const units = createFakeUnits(() => {
      const program = programs.shift();
      if (program === undefined) throw new Error("nothing more was to be started");
      return program;
    });
    const context = recordingContext("patch");
    const deps = {
      units: units.agent(),
      clock: leapingClock(),
      logFile: (unit: string) => join(directory, `${unit}.log`),
      holderOf: async () => holders.shift(),
    };
    const transactions = createTransactions(deps, aptDialect);
    const change = (within: StageContext) => transactions.run({ ...transaction, changesPackages: true }, within);
    return { units, context, change, work: () => transactions.run(transaction, context) };
  }

  it("runs as a unit named after run and step, asks nothing, and passes lines on", async () => {
    const { units, context, work } = setUp([{ lines: ["Setting up nginx (1.2) ..."] }]);
    await work();
    expect(units.started).toMatchObject([
      { name: `muster-${context.run}-patch-upgrade`, env: { DEBIAN_FRONTEND: "noninteractive" }, timeoutMs: 10_000 },
    ]);
    expect(context.printed).toEqual(["Setting up nginx (1.2) ..."]);
    expect(context.said).toContain("setting up nginx 1.2");
  });

  it("waits for a lock, says who holds it, and begins when it is free", async () => {
    const { context, work } = setUp([{}], ["process 5 (apt-get), which holds /lock", undefined]);
    await work();
    expect(context.said[0]).toMatch(/^waiting: waiting for process 5 \(apt-get\), which holds \/lock/);
  });

  it("tries again when somebody was quicker, under the same name", async () => {
    const { units, work } = setUp([held, {}]);
    await work();
    expect(new Set(units.started.map(({ name }) => name)).size).toBe(1);
    expect(units.started).toHaveLength(2);
  });

  it("gives up on a lock that is never let go", async () => {
    const holders = Array.from({ length: 10_000 }, () => "process 5 (apt-get), which holds /lock");
    const { units, work } = setUp([], holders);
    await expect(work()).rejects.toMatchObject({ code: "package-lock-held", transient: true });
    expect(units.started).toHaveLength(0);
  });

  it("waits for an engine's turn too, and lets it begin in the end", async () => {
    const holders = Array.from({ length: 10_000 }, () => "process 5 (apt-get), which holds /lock");
    const asked: (readonly string[])[] = [];
    const holderOf = async (locks: readonly string[]) => {
      asked.push(locks);
      return holders.shift();
    };
    const units = createFakeUnits(() => ({}));
    const context = recordingContext("converge");
    await createAptPackageManager({ units: units.agent(), clock: leapingClock(), holderOf }).whenIdle(context);
    expect(asked[0]).toEqual(expect.arrayContaining(["/var/lib/dpkg/lock-frontend", "/var/lib/apt/lists/lock"]));
    expect(context.said[0]).toMatch(/^waiting: waiting for process 5/);
    expect(context.warnings).toEqual([
      "package-lock-held: converge could not begin because of process 5 (apt-get), which holds /lock; it goes on all the same",
    ]);
  });

  it("fails by what it printed where the exit status tells nothing", async () => {
    const units = createFakeUnits(() => ({
      lines: ["W: Failed to fetch http://mirror/InRelease  Could not connect to mirror:80", "Reading package lists..."],
    }));
    const deps = { units: units.agent(), clock: leapingClock(), holderOf: async () => undefined };
    const manager = createAptPackageManager({ ...deps, logFile: (unit) => join(directory, `${unit}.log`) });
    await expect(manager.refresh({ exclude: [] }, recordingContext("index"))).rejects.toMatchObject({
      code: "package-fetch-failed",
      transient: true,
    });
  });

  it("ends before a cancelled run does, and is left by an agent that goes", async () => {
    for (const [reason, alive] of [
      [new Error("cancelled"), false],
      [detached, true],
    ] as const) {
      const go = Promise.withResolvers<void>();
      const { units, context, change } = setUp([{ lines: ["Unpacking nginx (1.2) ..."], go: go.promise }]);
      const stop = new AbortController();
      const begun = Promise.withResolvers<void>();
      const watching = { ...context, signal: stop.signal, output: () => begun.resolve() };
      const changing = change(watching).catch((error: unknown) => error);
      await begun.promise;
      stop.abort(reason);
      if (alive) expect(await changing).toBe(detached);
      expect(units.lives(`muster-${context.run}-patch-upgrade`), "it is not killed").toBe(true);
      go.resolve();
      expect(await changing).toBe(reason);
      if (!alive) expect(context.said).toContain("waiting: cancelled: the package transaction ends first");
    }
  });

  it("names the command and judges only what this attempt printed", async () => {
    const failed: FakeProgram = { lines: ["E: Unheard of"], exit: { kind: "exited", code: 100 } };
    const { work } = setUp([{ lines: ["E: No space left on device"], exit: { kind: "exited", code: 100 } }, failed]);
    await expect(work()).rejects.toMatchObject({ code: "package-disk-full" });
    await expect(work()).rejects.toMatchObject({ message: "apt-get upgrade failed with exit code 100: Unheard of" });
  });
});

/** Every wait is over at once, and the time has passed. */
function leapingClock(): Clock {
  let time = 0;
  return {
    now: () => new Date(time),
    monotonicMs: () => time,
    uptimeMs: () => time,
    random: () => 0.5,
    async sleep(ms) {
      time += ms;
    },
    synchronisation: () => Promise.reject(new Error("not asked for here")),
  };
}
