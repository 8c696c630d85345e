import { localPace } from "../../../src/adapters/local/pace.ts";
import { assembleAgent, type AgentParts, type Turns } from "../../../src/app/assembly/agent.ts";
import type { EventBody, RunEvent } from "../../../src/domain/run/events.ts";
import type { ErrorCode } from "../../../src/domain/errors/error-codes.ts";
import { MusterError } from "../../../src/domain/errors/errors.ts";
import type { Identity } from "../../../src/domain/instance/instance.ts";
import type { RunEnd, RunRequest } from "../../../src/domain/run/run.ts";
import type { SettingsEdit } from "../../../src/domain/settings/settings-edits.ts";
import type { Settings } from "../../../src/domain/settings/settings.ts";
import type { MembershipRequest } from "../../../src/ports/agent.ts";
import type { CloudPorts } from "../../../src/ports/cloud.ts";
import type { IdentitySource } from "../../../src/ports/identity-source.ts";
import type { MachineFiles } from "../../../src/ports/machine-files.ts";
import type { Prober } from "../../../src/ports/prober.ts";
import type { UnitSpec } from "../../../src/ports/unit-runner.ts";
import type { RunLock } from "../../../src/ports/run-lock.ts";
import { createCommandWatch } from "../../../src/adapters/host/command-watch.ts";
import { createTurnLock } from "../../../src/daemon/turn-lock.ts";
import { createEventBus } from "../../../src/run/state/event-bus.ts";
import { createFakeConfigRepo, type FakeConfigRepo } from "../../fakes/config-repo.ts";
import { createFakeDns, type FakeDns } from "../../fakes/dns.ts";
import { createFakeEngine, type FakeEngine } from "../../fakes/engine.ts";
import { createFakeLifecycle, type FakeLifecycle } from "../../fakes/lifecycle.ts";
import { createFakeLoadBalancer, type FakeLoadBalancer } from "../../fakes/load-balancer.ts";
import { createFakeMachine, type FakeMachine } from "../../fakes/machine.ts";
import { createFakeNotices, type FakeNotices } from "../../fakes/notices.ts";
import { createPackagesInMemory, type FakePackages } from "../../fakes/packages-in-memory.ts";
import { createFakeProber } from "../../fakes/prober.ts";
import { createFakeSlots, type FakeSlots } from "../../fakes/slots.ts";
import { createFakeStateFiles, type FakeStateFiles } from "../../fakes/state-files.ts";
import { createFakeTagStore } from "../../fakes/tag-store.ts";
import { createFakeTagWriter, type FakeTagWriter } from "../../fakes/tag-writer.ts";
import { createFakeUnits, type FakeProgram, type FakeUnits } from "../../fakes/unit-runner.ts";
import { createVirtualClock, type VirtualClock } from "../../fakes/virtual-clock.ts";
import { catalogue } from "./catalogue.ts";

export { catalogue };

export const { signal: never } = new AbortController();

/** A machine and what is around it: everything that outlives a process of muster. */
export type World = {
  readonly clock: VirtualClock;
  readonly files: FakeStateFiles;
  readonly repo: FakeConfigRepo;
  readonly packages: FakePackages;
  readonly engine: FakeEngine;
  readonly balancer: FakeLoadBalancer;
  readonly dns: FakeDns;
  /** In the zone; whoever else a test plays takes from them too. */
  readonly slots: FakeSlots;
  readonly tags: FakeTagWriter;
  readonly lifecycle: FakeLifecycle;
  readonly notices: FakeNotices;
  readonly machine: FakeMachine;
  /** Nothing is wrong with them, unless a test says so. */
  machineFiles: MachineFiles;
  /** What tags may steer, and in which zones they may name the instance. */
  naming: Partial<Pick<Settings, "tags" | "dns">>;
  settings(): Settings;
  /** What was started in units of its own; each does what `program` says. */
  readonly units: FakeUnits;
  program: (spec: UnitSpec) => FakeProgram;
  /** What becomes of an instance that does not pass. */
  onFailure: Settings["onFailure"];
  bootId: string;
  /** What of the settings was edited since the daemon read them; throw for settings that cannot be read. */
  edits?: () => Promise<readonly SettingsEdit[]>;
  /** What the identity source tells; throw for one that does not answer. */
  identity: () => Identity;
  /** Whether a look at the tags costs a call to the cloud's API. */
  tagsCost: boolean;
  /** Whether the role's one check passes. */
  healthy: boolean;
  readonly prober: Prober;
  /** A process of muster: what it knows it read from the state files. */
  start(): Promise<Process>;
  /** A command that works without a daemon, in turn with others. */
  command(): Promise<Process>;
  /** The machine's lock. */
  readonly lock: RunLock;
};

export type Process = AgentParts & {
  /** Whoever has it makes a run. */
  readonly turns: RunLock;
  readonly events: readonly RunEvent[];
  /** A run by hand. */
  run(request?: Partial<RunRequest>, signal?: AbortSignal): Promise<RunEnd>;
  drain(by?: "operator" | "shutdown"): Promise<RunEnd>;
  join(): Promise<RunEnd>;
  /** As a watch of the daemon does. */
  ask(want: "in" | "out", by: MembershipRequest["by"]): Promise<RunEnd>;
};

export const identity: Identity = {
  instance: {
    id: "i-1",
    cloud: "local",
    account: "local",
    region: "local",
    zone: "local-a",
    addresses: { ipv4: ["10.0.0.1"], ipv6: [] },
    hostname: "web-1",
  },
  tags: { "muster:role": "web", "muster:environment": "dev" },
};

const settings: Settings = {
  cloud: "local",
  config: { url: "https://git/config.git", ref: "main", refs: ["main"], deadlineMs: 60_000, allowRewrite: false },
  tags: { prefix: "muster:", trust: ["role", "environment", "ref"] },
  dns: { zones: [] },
  defaults: {},
  onFailure: "hold",
  clock: { waitMs: 60_000 },
  retry: { held: { firstMs: 30_000, maxMs: 600_000 } },
  log: "plain",
  metrics: {},
  aws: { credentials: "instance" },
  lifecycle: {},
  proxy: {},
  local: {},
};

export async function createWorld(groups: readonly string[] = ["web-dev"]): Promise<World> {
  const repo = createFakeConfigRepo();
  await repo.remote.commitFiles(catalogue(), "first");
  const clock = createVirtualClock();
  const world: World = {
    clock,
    files: createFakeStateFiles(),
    repo,
    packages: createPackagesInMemory(),
    engine: createFakeEngine(),
    balancer: createFakeLoadBalancer(groups),
    dns: createFakeDns(["example.internal"]),
    slots: createFakeSlots(() => clock.now()),
    tags: createFakeTagWriter(),
    lifecycle: createFakeLifecycle(),
    notices: createFakeNotices(),
    machine: createFakeMachine(),
    machineFiles: { key: async () => undefined, room: async () => undefined },
    naming: {},
    settings: () => ({ ...settings, ...world.naming, onFailure: world.onFailure }),
    units: createFakeUnits((spec) => world.program(spec)),
    program: () => ({}),
    onFailure: "hold",
    bootId: "boot-1",
    identity: () => identity,
    tagsCost: false,
    healthy: true,
    prober: createFakeProber(() =>
      world.healthy ? { ok: true, seen: "active" } : { ok: false, expected: "active", seen: "failed" },
    ),
    lock: createTurnLock(clock, 2),
    start: () => startProcess(world, { lock: createTurnLock(clock, 1), shared: false }),
    command: () => startProcess(world, { lock: world.lock, shared: true }),
  };
  return world;
}

async function startProcess(world: World, turns: Turns): Promise<Process> {
  const { clock, files, repo, packages, engine, prober, machine, bootId } = world;
  const bus = createEventBus(clock);
  const events: RunEvent[] = [];
  bus.listen((event) => void events.push(event));
  const ports = {
    ...{ bus, clock, bootId, files, packages, prober, machine },
    repo: repo.repo,
    machineFiles: world.machineFiles,
    engines: { puppet: async () => engine },
    units: world.units.agent(),
    commands: createCommandWatch(),
    cloud: cloudOf(world),
  };
  const muster = await assembleAgent(
    { settings: world.settings(), provenance: new Map(), edits: world.edits },
    ports,
    turns,
  );
  const { executor } = muster;
  await executor.load();
  return {
    ...muster,
    turns: turns.lock,
    events,
    run: (request = {}, signal = never) =>
      executor.run({ cause: "manual", dryRun: false, ...request }, 60_000, () => undefined, signal),
    drain: (by = "operator") =>
      executor.membership({ want: "out", by, reason: `${by} drains` }, 60_000, () => undefined, never),
    ask: (want, by) =>
      executor.membership({ want, by, reason: `${by} wants it ${want}` }, 60_000, () => undefined, never),
    join: () => executor.membership({ want: "in", by: "operator", reason: "joined" }, 60_000, () => undefined, never),
  };
}

function cloudOf(world: World): CloudPorts {
  const { lifecycle, notices, balancer, dns, slots, tags } = world;
  const observe: IdentitySource["observe"] = async (keys, mayCall) => {
    if (world.tagsCost && !mayCall) return { tags: undefined, costsCall: true };
    const { tags: all } = world.identity();
    return {
      tags: Object.fromEntries(Object.entries(all).filter(([key]) => keys.has(key))),
      costsCall: world.tagsCost,
    };
  };
  const source: IdentitySource = {
    instanceId: async () => world.identity().instance.id,
    read: async () => world.identity(),
    addresses: async () => world.identity().instance.addresses,
    observe,
  };
  return {
    lifecycle,
    notices,
    balancer,
    dns,
    slots,
    tags,
    pace: localPace,
    identity: source,
    tagStore: createFakeTagStore(),
  };
}

/** `clock unchanged`, `health failed`, `in-service` and so on: what a person would remember of it. */
export function story(events: readonly EventBody[]): readonly string[] {
  return events.flatMap((event) => {
    if (event.type === "stage-finished") return [`${event.stage} ${event.outcome}`];
    if (event.type === "state-changed") return [`state ${event.state}`];
    if (event.type === "run-finished") return [`end ${event.end.kind}`];
    return event.type === "notice" ? [`notice ${event.code}`] : [];
  });
}

export function trouble(code: ErrorCode, transient = false): MusterError {
  return new MusterError({ code, message: `there is ${code}`, hint: "Do something.", transient });
}

/** Resolves as soon as `here` was called; `go` lets the caller go on. */
export type StopPoint = {
  readonly here: (signal: AbortSignal) => Promise<void>;
  readonly reached: Promise<void>;
  readonly go: () => void;
};

export function stopPoint(): StopPoint {
  const reached = Promise.withResolvers<void>();
  const free = Promise.withResolvers<void>();
  return {
    reached: reached.promise,
    go: () => free.resolve(),
    async here(signal) {
      reached.resolve();
      const { promise, reject } = Promise.withResolvers<never>();
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      await Promise.race([free.promise, promise]);
    },
  };
}
