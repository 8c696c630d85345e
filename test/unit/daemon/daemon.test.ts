import { expect, test } from "vitest";
import { assembleDaemon } from "../../../src/app/assembly/daemon.ts";
import { daemon } from "../../../src/daemon/daemon.ts";
import { launchHook, launching } from "../../fakes/lifecycle.ts";
import { createFakeReloads } from "../../fakes/reloads.ts";
import { createFakeScheduler } from "../../fakes/scheduler.ts";
import { createFakeServiceManager } from "../../fakes/service-manager.ts";
import { createWorld, never, stopPoint, story, trouble } from "../run/world.ts";
import { begin, runsOf } from "./begin.ts";

test("READY after the socket and before the run; then in service, ordered before it is started", async () => {
  const world = await createWorld();
  const { services } = await begin(world);
  const calls: string[] = [];
  world.engine.during = async () => void calls.push(...services.calls);
  await world.clock.advance(0);
  expect(calls.slice(0, 2)).toEqual(["listen", "ready"]);
  expect(services.calls.slice(-3)).toEqual([
    "order muster-leave.service after nginx.service within 125000",
    "start muster-leave.service",
    "start muster-ready.target",
  ]);
  expect(services.lines).toContain("converge: applying the catalogue");
  expect(services.lines.at(-1)).toBe("in-service: every gate passed");
});

test("SIGTERM ends the daemon and leaves the instance in service", async () => {
  const world = await createWorld();
  const { services, stop } = await begin(world);
  await world.clock.advance(0);
  await stop();
  expect(world.balancer.members()).toEqual(["web-dev/i-1-80"]);
  expect(services.calls.slice(-2)).toEqual(["stopping", "close"]);
  expect(services.calls).not.toContain("stop muster-leave.service");
  expect(world.clock.sleepers()).toBe(0);
  const free = await world.lock.acquire("the test", 0, never, () => undefined);
  await free.release();
});

test("SIGTERM in mid-run leaves the work, and the next daemon takes the run up", async () => {
  const world = await createWorld();
  const point = stopPoint();
  world.engine.during = point.here;
  const first = await begin(world);
  await point.reached;
  await first.stop();
  point.go();
  const second = await begin(world);
  await world.clock.advance(0);
  expect(second.muster.events[0]).toMatchObject({ type: "run-started", startType: "crash-restart", resumed: true });
  expect(second.muster.status.current().state).toBe("in-service");
});

test("SIGTERM while another process holds the lock ends the daemon in good order", async () => {
  const world = await createWorld();
  const other = await world.lock.acquire("muster run", 0, never, () => undefined);
  const { services, stop } = await begin(world);
  await world.clock.advance(1000);
  expect(services.lines).toEqual(['waiting for "muster run" (process 2)']);
  expect(services.calls).toEqual([]);
  await stop();
  await other.release();
});

test("what another process did while the daemon waited for the lock is known to it", async () => {
  const world = await createWorld();
  const other = await world.command();
  await other.run();
  const turn = await world.lock.acquire("muster drain", 0, never, () => undefined);
  const { muster } = await begin(world);
  await other.membership.want({ want: "out", by: "operator", reason: "by hand", bootId: world.bootId });
  await turn.release();
  await world.clock.advance(0);
  expect(muster.membership.status().wish).toMatchObject({ want: "out", by: "operator" });
});

test("a restarted daemon makes no run, and shows systemd where the instance stands", async () => {
  const world = await createWorld();
  const first = await begin(world);
  await world.clock.advance(0);
  await first.stop();
  const { muster, services } = await begin(world);
  await world.clock.advance(0);
  expect(runsOf(muster.events)).toBe(0);
  expect(services.lines).toEqual(["in-service: every gate passed"]);
  expect(services.calls.slice(-2)).toEqual(["start muster-leave.service", "start muster-ready.target"]);
});

test("the watchdog hears from the daemon for as long as it lives, also while the run waits", async () => {
  const world = await createWorld();
  const point = stopPoint();
  world.engine.during = point.here;
  const daemonOf = begin(world);
  const { services, stop } = await daemonOf;
  expect(services.beats).toBe(0);
  await stop();

  const other = await createWorld();
  other.engine.during = point.here;
  other.clock.freeze();
  const second = await begin(other);
  second.services.watchdog = 60_000;
  await other.clock.advance(600_000);
  expect(second.services.beats).toBe(11);
});

test("a status that a full disk did not take is on disk soon after there is room, though nothing happens", async () => {
  const world = await createWorld();
  world.clock.freeze();
  const { muster, services } = await begin(world);
  services.watchdog = 60_000;
  await world.clock.advance(10_000);
  world.files.failWrites(new Error("no space"));
  muster.bus.emit({ type: "notice", level: "info", code: "lock-wait", text: "told to a full disk" });
  await world.clock.advance(120_000);
  expect(await world.files.read("status.json")).not.toContain("told to a full disk");
  world.files.failWrites(undefined);
  await world.clock.advance(60_000);
  expect(await world.files.read("status.json")).toContain("told to a full disk");
});

test("cloud-init is waited for, and what it did is said", async () => {
  const world = await createWorld();
  const ended = Promise.withResolvers<"done">();
  world.clock.freeze();
  const { muster, services } = await begin(world);
  services.cloudInit = () => ended.promise;
  world.lifecycle.group = launching([], [launchHook("ready", 20)]);
  await world.clock.advance(5000);
  expect(services.calls).toContain("ready");
  await world.clock.advance(50_000);
  expect(world.lifecycle.calls.length).toBeGreaterThanOrEqual(5);
  expect(new Set(world.lifecycle.calls)).toEqual(new Set(["heartbeat web/ready"]));
  expect(runsOf(muster.events)).toBe(0);
  expect(muster.status.current()).toMatchObject({
    state: "starting",
    reason: "waiting for cloud-init, at most 10 min; the boot run begins when it is done",
    waitsFor: "cloud-init",
  });
  ended.resolve("done");
  await world.clock.advance(0);
  expect(story(muster.events).slice(0, 2)).toEqual(["state starting", "notice cloud-init-done"]);
  expect(muster.status.current().waitsFor).toBeUndefined();
  expect(runsOf(muster.events)).toBe(1);
  expect(muster.status.current().notices).toMatchObject([{ code: "cloud-init-done" }]);
});

test("what systemd refuses is said and does not keep the instance out of service", async () => {
  const world = await createWorld();
  const { muster, services } = await begin(world);
  services.trouble = trouble("systemd-failed", true);
  await world.clock.advance(0);
  expect(story(muster.events)).toContain("notice systemd-failed");
  expect(muster.status.current().state).toBe("in-service");
});

test("a socket that cannot be made ends the daemon with its error, and frees the lock", async () => {
  const world = await createWorld();
  const muster = await world.start();
  const ports = {
    control: { listen: () => Promise.reject(trouble("control-failed")) },
    services: createFakeServiceManager(),
    pulse: { prove: async () => undefined },
    scheduler: createFakeScheduler(),
    inForce: () => Promise.reject(new Error("nobody asks")),
  };
  const refused = daemon(assembleDaemon(muster, ports, muster.turns), {
    lock: world.lock,
    reloads: createFakeReloads(),
    prepare: () => Promise.reject(new Error("nobody asked")),
    signal: never,
  });
  await expect(refused).rejects.toMatchObject({ code: "control-failed" });
  await (await world.lock.acquire("the test", 0, never, () => undefined)).release();
});

test("a restarted daemon that cannot tell whether a run is due leaves the instance in service", async () => {
  const world = await createWorld();
  const first = await begin(world);
  await world.clock.advance(0);
  await first.stop();
  const list = world.files.list.bind(world.files);
  world.files.list = () => Promise.reject(trouble("state-read-failed", true));
  const { muster, services } = await begin(world);
  await world.clock.advance(0);
  world.files.list = list;
  expect(story(muster.events)).toEqual(["notice state-read-failed"]);
  expect(muster.status.current().state).toBe("in-service");
  expect(services.calls).not.toContain("stop muster-ready.target");
});
