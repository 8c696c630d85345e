import type { ServiceManager } from "../../src/ports/service-manager.ts";

/** A service manager that remembers what it was told. */
export type FakeServiceManager = ServiceManager & {
  /** `ready`, `start UNIT`, `order UNIT after UNIT,… within MS` and so on, in order; beats and lines are not listed. */
  readonly calls: string[];
  readonly lines: string[];
  beats: number;
  /** Milliseconds between two beats; absent: no watchdog. */
  watchdog: number | undefined;
  /** Thrown by everything that is asked of units. */
  trouble: Error | undefined;
  cloudInit: (signal: AbortSignal) => Promise<"absent" | "done" | "timed-out">;
};

export function createFakeServiceManager(): FakeServiceManager {
  async function ask(call: string): Promise<void> {
    if (fake.trouble !== undefined) throw fake.trouble;
    fake.calls.push(call);
  }
  const fake: FakeServiceManager = {
    calls: [],
    lines: [],
    beats: 0,
    watchdog: undefined,
    trouble: undefined,
    cloudInit: async () => "absent",
    reloading: async () => void fake.calls.push("reloading"),
    ready: async () => void fake.calls.push("ready"),
    stopping: async () => void fake.calls.push("stopping"),
    status: (text) => void fake.lines.push(text),
    watchdogMs: () => fake.watchdog,
    async alive() {
      fake.beats += 1;
    },
    start: (unit) => ask(`start ${unit}`),
    stop: (unit) => ask(`stop ${unit}`),
    orderAfter: (unit, others, withinMs) => ask(`order ${unit} after ${others.join(",")} within ${withinMs}`),
    waitForCloudInit: (_deadlineMs, signal) => fake.cloudInit(signal),
  };
  return fake;
}
