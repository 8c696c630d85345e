import { expect, test } from "vitest";
import type { InstanceState } from "../../../src/domain/instance/state.ts";
import { showState } from "../../../src/daemon/show-state.ts";
import { createEventBus } from "../../../src/run/state/event-bus.ts";
import { initialStatus } from "../../../src/run/state/status.ts";
import { createFakeServiceManager } from "../../fakes/service-manager.ts";
import { story, trouble } from "../run/world.ts";

const at = "2026-01-01T00:00:00.000Z";

function setUp(state: InstanceState = "new") {
  const bus = createEventBus({ now: () => new Date(at), uptimeMs: () => 0 });
  const services = createFakeServiceManager();
  const stop = showState(bus, services, { ...initialStatus("boot-a", at), state, reason: "so it is" });
  return { bus, services, stop };
}

async function settled(): Promise<void> {
  for (let turns = 0; turns < 60; turns += 1) await Promise.resolve();
}

const inService = { type: "state-changed", state: "in-service", reason: "every gate passed" } as const;

test("the drop-in is there before the leave unit, and that before ready", async () => {
  const { bus, services } = setUp();
  bus.emit({ type: "run-facts", facts: { watch: { units: ["nginx.service"], leaveMs: 30_000 } } });
  bus.emit(inService);
  await settled();
  expect(services.calls).toEqual([
    "order muster-leave.service after nginx.service within 60000",
    "start muster-leave.service",
    "start muster-ready.target",
  ]);
});

test("from the first call to the balancer on a power-off leaves", async () => {
  const { bus, services } = setUp();
  bus.emit({ type: "run-facts", facts: { watch: { units: [], leaveMs: 0 } } });
  bus.emit({ type: "stage-started", stage: "health" });
  await settled();
  expect(services.calls).toEqual([]);
  bus.emit({ type: "stage-started", stage: "register" });
  await settled();
  expect(services.calls).toEqual(["order muster-leave.service after  within 30000", "start muster-leave.service"]);
});

test.each(["held", "leaving", "out-of-service", "starting"] as const)(
  "%s is not ready; the leave unit stays",
  async (state) => {
    const { bus, services } = setUp("in-service");
    bus.emit({ type: "state-changed", state, reason: "x" });
    await settled();
    expect(services.calls.at(-1)).toBe("stop muster-ready.target");
    expect(services.calls).not.toContain("stop muster-leave.service");
  },
);

test("one after the other: a slow service manager does not end up with an older state", async () => {
  const { bus, services } = setUp();
  const slow = Promise.withResolvers<void>();
  services.orderAfter = () => slow.promise;
  bus.emit(inService);
  bus.emit({ type: "state-changed", state: "held", reason: "x" });
  await settled();
  expect(services.calls).toEqual([]);
  slow.resolve();
  await settled();
  expect(services.calls.slice(-2)).toEqual(["start muster-ready.target", "stop muster-ready.target"]);
});

test("the line of systemctl status says where the run is", async () => {
  const { bus, services } = setUp();
  bus.emit({ type: "stage-started", stage: "patch" });
  bus.emit({ type: "stage-progress", stage: "patch", text: "waiting for dpkg", waiting: true });
  bus.emit({ type: "stage-output", stage: "patch", line: "noise" });
  bus.emit({
    type: "state-changed",
    state: "held",
    reason: "patch: E: Unable to fetch http://a/b?c",
    brief: "patch: package-index-failed",
  });
  bus.emit({ type: "retry-scheduled", inMs: 90_000, nextAt: at });
  await settled();
  expect(services.lines).toEqual([
    "new: so it is",
    "patch",
    "patch: waiting for dpkg",
    "held: patch: package-index-failed",
    "held; trying again in 1 min 30 s",
  ]);
});

test("what systemd refuses is told once, and not in answer to itself", async () => {
  const { bus, services } = setUp();
  await settled();
  const told: string[] = [];
  bus.listen((event) => void told.push(...story([event])));
  services.trouble = trouble("systemd-failed");
  bus.emit(inService);
  await settled();
  expect(told).toEqual(["state in-service", "notice systemd-failed"]);
});

test("nothing is shown any more once it is stopped", async () => {
  const { bus, services, stop } = setUp();
  await settled();
  stop();
  bus.emit(inService);
  await settled();
  expect(services.calls).toEqual([]);
});

test("systemd is told to stop what may be ready, and not again and again what is stopped", async () => {
  const { bus, services } = setUp("held");
  bus.emit({ type: "state-changed", state: "starting", reason: "x" });
  bus.emit({ type: "state-changed", state: "held", reason: "x" });
  await settled();
  expect(services.calls).toEqual(["stop muster-ready.target"]);
});
