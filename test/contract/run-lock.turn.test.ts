import { describe } from "vitest";
import { createClock } from "../../src/adapters/host/clock.ts";
import { createTurnLock } from "../../src/daemon/turn-lock.ts";
import { runLockSuite } from "./run-lock.suite.ts";

describe("the daemon's own turns", () => {
  runLockSuite(async () => {
    const lock = createTurnLock(createClock(), process.pid);
    return { one: lock, other: lock };
  });
});
