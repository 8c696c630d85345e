import { expect, test } from "vitest";
import { reload } from "../../../src/app/reload.ts";
import { daemonOrHere, lockOfCommand, steadyDaemon, yieldingTo, type Reach } from "../../../src/app/without-daemon.ts";
import { MusterError } from "../../../src/domain/errors/errors.ts";
import type { RunEnd } from "../../../src/domain/run/run.ts";
import type { Agent } from "../../../src/ports/agent.ts";
import { daemonHolds, type LockHolder, type RunLock } from "../../../src/ports/run-lock.ts";
import { createFakeClock } from "../../fakes/clock.ts";

const { signal: never } = new AbortController();
const at = "2026-01-01T00:00:00.000Z";
const end: RunEnd = { kind: "in-service", changed: false };
const request = { cause: "manual", dryRun: false } as const;

/** A machine whose daemon holds the lock, or where none runs. */
function reachOf(isThere: boolean): Reach {
  return { isThere: () => isThere, clock: createFakeClock() };
}

const gone = reachOf(false);

function refused(code: "daemon-unreachable" | "daemon-silent" | "daemon-lost") {
  return () => Promise.reject(new MusterError({ code, message: "no", hint: "Wait." }));
}

const here = async () => ({ ask: async () => "here" });

function unexpected(): never {
  return expect.fail("made here");
}

test("the daemon works where it listens, and nothing is made here", async () => {
  expect(await daemonOrHere({ ask: async () => "daemon" }, unexpected, (port) => port.ask(), gone, never)).toBe(
    "daemon",
  );
});

test("without a daemon the work is done here", async () => {
  expect(await daemonOrHere({ ask: refused("daemon-unreachable") }, here, (port) => port.ask(), gone, never)).toBe(
    "here",
  );
});

test("a daemon that does not answer keeps its work: doing it here too would be twice", async () => {
  const asked = daemonOrHere({ ask: refused("daemon-silent") }, here, (port) => port.ask(), gone, never);
  await expect(asked).rejects.toMatchObject({ code: "daemon-silent" });
});

test("what fails here is the error", async () => {
  const failing = { ask: () => Promise.reject(new TypeError("a bug")) };
  const asked = daemonOrHere(
    { ask: refused("daemon-unreachable") },
    async () => failing,
    (port) => port.ask(),
    gone,
    never,
  );
  await expect(asked).rejects.toThrow(TypeError);
});

test.each(["daemon-unreachable", "daemon-lost"] as const)(
  "a daemon that has the lock and is away (%s) is asked again until it answers, and nothing is done here",
  async (code) => {
    let asked = 0;
    const daemon = { ask: () => ((asked += 1) < 5 ? refused(code)() : Promise.resolve("daemon")) };
    expect(await daemonOrHere(daemon, unexpected, (port) => port.ask(), reachOf(true), never)).toBe("daemon");
  },
);

test("a daemon that has the lock and does not come is an error in the end, and not done here", async () => {
  const reach = reachOf(true);
  const asked = daemonOrHere({ ask: refused("daemon-unreachable") }, unexpected, (port) => port.ask(), reach, never);
  await expect(asked).rejects.toMatchObject({ code: "daemon-unreachable" });
  expect(reach.clock.monotonicMs()).toBeGreaterThanOrEqual(30_000);
});

function agent(run: Agent["run"]): Agent {
  return { run, membership: unexpected, status: unexpected, follow: unexpected, cancel: unexpected };
}

test("a run that waits for its turn when the daemon reloads is asked for again", async () => {
  let asked = 0;
  const daemon = agent(async (_request, _waitMs, onEvent) => {
    asked += 1;
    if (asked > 1) return end;
    onEvent({ type: "notice", level: "info", code: "lock-wait", text: "waiting", at });
    return await refused("daemon-lost")();
  });
  expect(await steadyDaemon(daemon, reachOf(true)).run(request, 0, () => undefined, never)).toBe(end);
});

test("a run that has begun is not made twice", async () => {
  let asked = 0;
  const daemon = agent(async (_request, _waitMs, onEvent) => {
    asked += 1;
    onEvent({ type: "stage-started", stage: "clock", at });
    return await refused("daemon-lost")();
  });
  const run = steadyDaemon(daemon, reachOf(true)).run(request, 0, () => undefined, never);
  await expect(run).rejects.toMatchObject({ code: "daemon-lost" });
  expect(asked).toBe(1);
});

function holder(what: string): LockHolder {
  return { pid: 1, what, since: at };
}

test("a command that finds a daemon as the holder of the lock gives its work to the daemon", async () => {
  const held: RunLock = {
    async acquire(_what, _waitMs, signal, onWait) {
      onWait(holder("muster run"));
      onWait(holder(daemonHolds));
      signal.throwIfAborted();
      return unexpected();
    },
  };
  const waits: (string | undefined)[] = [];
  const here = agent(async (_request, waitMs, _onEvent, signal) => {
    await lockOfCommand(held).acquire("muster run", waitMs, signal, (one) => void waits.push(one?.what));
    return unexpected();
  });
  const daemon = agent(async () => end);
  expect(await yieldingTo(daemon, here).run(request, 0, () => undefined, never)).toBe(end);
  expect(waits).toEqual(["muster run"]);
});

test("a reload ends when the daemon answers with what it has read, or says that a run comes first", async () => {
  let asked = 0;
  let isReloading = false;
  const daemon = {
    hangUp: () => void (isReloading = true),
    async readAt() {
      if (!isReloading) return "before";
      asked += 1;
      if (asked === 2) return await refused("daemon-lost")();
      if (asked === 3) return await refused("daemon-unreachable")();
      return asked < 4 ? "before" : "after";
    },
    status: async () => ({ state: "in-service" }) as const,
  };
  expect(await reload(daemon, reachOf(true), never)).toBe("in-force");
  expect(asked).toBe(4);
  const run = { id: "r1", cause: "manual", startType: "restart", startedAt: at, finished: false, stages: [] } as const;
  const busy = { ...daemon, readAt: async () => "before", status: async () => ({ state: "in-service", run }) as const };
  expect(await reload(busy, reachOf(true), never)).toBe("later");
});
