// Whole lives of an instance: boots that fail, departures, drains, reboots, agents that die.
import { expect } from "vitest";
import { runProgram } from "../../../src/cli/program.ts";
import { runCommand } from "../../../src/cli/commands/run.ts";
import { errorAreas } from "../../../src/error-pages/pages.ts";
import type { ErrorCode } from "../../../src/domain/errors/error-codes.ts";
import type { RunEnd } from "../../../src/domain/run/run.ts";
import type { GroupMembership } from "../../../src/ports/lifecycle.ts";
import { createFakeIo } from "../../fakes/command-io.ts";
import { never, stopPoint, trouble, type Process, type World } from "../run/world.ts";
import { daemonLife, failingBoot, looked, minute, outcome, reworldly, twoLives, type Seen } from "./play.ts";

const group: GroupMembership = {
  group: "web",
  state: "in-service",
  attachedTargetGroups: [],
  pending: [],
  hasLaunchHook: false,
};

const at = (world: World, seconds: number): string =>
  new Date(world.clock.now().getTime() + seconds * 1000).toISOString();

/** Every code as the failure of a command: the exit status hangs on the code alone. */
async function everyCode() {
  const codes = errorAreas.flatMap(({ pages }) => Object.keys(pages)) as ErrorCode[];
  expect(codes.length).toBeGreaterThan(150);
  const exits = codes.map(async (code) => {
    const commands = { run: async () => runCommand({ connect: () => Promise.reject(trouble(code)) }) };
    return [code, await runProgram({ version: "", commands }, ["run"], createFakeIo())];
  });
  return Object.fromEntries(await Promise.all(exits)) as unknown;
}

export const lives: Readonly<Record<string, () => Promise<unknown>>> = {
  "each code of an error": everyCode,

  "a boot that the git server fails": () =>
    failingBoot(
      (world) => world.repo.failCheckout(trouble("config-mirror-damaged")),
      () => undefined,
    ),

  "a boot that the packages fail": () =>
    failingBoot(
      (world) => {
        world.packages.state = {
          ...world.packages.state,
          upgrades: [{ name: "openssl", from: "1", to: "2", security: true }],
        };
        world.packages.during = () => Promise.reject(trouble("package-script-failed"));
      },
      (world) => (world.packages.during = async () => undefined),
    ),

  "a boot that its checks fail": () =>
    failingBoot(
      (world) => (world.healthy = false),
      (world) => (world.healthy = true),
    ),

  "a boot that the balancer does not take for healthy": () =>
    failingBoot(
      (world) => (world.balancer.passes = () => false),
      (world) => (world.balancer.passes = () => true),
    ),

  "a boot that the tags fail": () =>
    failingBoot(
      (world) => (world.tags.trouble = trouble("aws-access-denied")),
      (world) => (world.tags.trouble = undefined),
    ),

  "reboots until the budget is spent": async () => {
    const world = await reworldly();
    world.packages.reboot = { required: true, reasons: ["a kernel", "openssl"] };
    const processes: Process[] = [];
    const ends: (RunEnd | undefined)[] = [];
    const seen: Seen[] = [];
    for (const boot of ["boot-1", "boot-2", "boot-3"]) {
      world.bootId = boot;
      const muster = await world.start();
      processes.push(muster);
      ends.push(await muster.executor.start(never));
      seen.push(await looked(world, muster));
    }
    return { ends, seen, ...outcome(world, processes) };
  },

  "held, retried and in service": () =>
    daemonLife(
      {},
      (world) => [() => (world.healthy = true), () => undefined],
      (world) => (world.healthy = false),
    ),

  "a spot notice that is taken back": () =>
    daemonLife({}, (world) => [
      () => (world.notices.notices = [{ kind: "spot", action: "terminate", at: at(world, 120) }]),
      () => (world.notices.notices = []),
    ]),

  "a cordon, and a notice over it": () =>
    daemonLife({ leave: { rebalance: "cordon" } }, (world) => [
      () => (world.notices.notices = [{ kind: "rebalance", noticedAt: at(world, 0) }]),
      () => (world.notices.notices = [{ kind: "spot", action: "terminate", at: at(world, 120) }]),
      () => (world.notices.trouble = trouble("imds-unreachable", true)),
      () => (world.notices.trouble = undefined),
    ]),

  "checks that fail while it serves": () =>
    daemonLife({}, (world) => [() => (world.healthy = false), () => undefined, () => (world.healthy = true)]),

  "an operator who drains and joins": () =>
    daemonLife({}, (world, { muster }) => [
      () => void muster.drain(),
      () => (world.healthy = false),
      () => void muster.join(),
      () => (world.healthy = true),
    ]),

  "a launch hook, a heartbeat that fails, and a scale-in": () =>
    daemonLife(
      {},
      (world) => [
        () => (world.lifecycle.group = { ...group, hasLaunchHook: true }),
        () => (world.lifecycle.group = { ...group, state: "termination-waiting", pending: [hook("terminating")] }),
      ],
      (world) => {
        world.lifecycle.group = {
          ...group,
          state: "launch-waiting",
          hasLaunchHook: true,
          pending: [hook("launching")],
        };
        world.lifecycle.trouble = trouble("imds-failed", true);
      },
    ),

  "membership that is not as it should be": () =>
    daemonLife({}, (world) => [
      () => (world.balancer.trouble = trouble("balancer-unreachable", true)),
      () => (world.balancer.trouble = undefined),
      () => (world.dns.trouble = trouble("dns-update-failed", true)),
      () => (world.dns.trouble = undefined),
    ]),

  "a pause, and its end": () =>
    daemonLife({}, (world, { muster }) => [
      () => muster.pause.begin({ reason: "smoke tests", by: "ann", forMs: 4 * minute }),
      () => (world.healthy = false),
      () => undefined,
      () => (world.healthy = true),
    ]),

  "a new role by its tags": () =>
    daemonLife({}, (world) => [
      () => {
        const known = world.identity();
        world.identity = () => ({ ...known, tags: { ...known.tags, "muster:role": "other" } });
      },
      () => undefined,
    ]),

  "an agent that dies while it leaves for a notice": () =>
    twoLives(
      (world) => (world.notices.notices = [{ kind: "spot", action: "terminate", at: at(world, 120) }]),
      (world) => (world.notices.notices = []),
    ),

  "an agent that dies after it took a drain back, before the run that joins": async () => {
    const world = await reworldly();
    const first = await world.start();
    const ends: unknown[] = [await first.executor.start(never), await first.drain()];
    const point = stopPoint();
    const read = world.files.read.bind(world.files);
    world.files.read = async (name) => {
      if (name === "applied.json" && first.membership.status().wish?.by === "run") await point.here(never);
      return read(name);
    };
    void first.join();
    await point.reached;
    world.files.read = read;
    const second = await world.start();
    ends.push(await second.executor.start(never));
    return { ends, seen: await looked(world, second), ...outcome(world, [first, second]) };
  },
};

function hook(transition: "launching" | "terminating") {
  return {
    name: "hook",
    transition,
    heartbeatSeconds: 60,
    globalSeconds: 3_600,
    defaultResult: transition === "launching" ? "abandon" : "continue",
  } as const;
}
