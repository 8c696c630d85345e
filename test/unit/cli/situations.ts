// The situations that `muster explain` is asked in, each made on a machine of the fakes.
import { pauseKeeperOf } from "../../../src/app/assembly/daemon.ts";
import type { Identity } from "../../../src/domain/instance/instance.ts";
import type { ExplainInput } from "../../../src/views/explain/input.ts";
import { initialStatus } from "../../../src/run/state/status.ts";
import { createWorld, identity, never, trouble, type Process, type World } from "../run/world.ts";
import { atMoment, editedSettings, fallUnhealthy, observeFrom, notReadable, settingsObserved } from "./explained.ts";

type Machine = { readonly world: World; readonly muster: Process };

/** A machine whose boot run was made after `spoil`. */
async function booted(spoil: (world: World) => unknown = () => undefined): Promise<Machine> {
  const world = await createWorld();
  await spoil(world);
  const muster = await world.start();
  await muster.executor.start(never);
  return { world, muster };
}

const look = async ({ world, muster }: Machine): Promise<ExplainInput> => observeFrom(world, muster);

function tagged(tags: Record<string, string>): () => Identity {
  return () => ({ ...identity, tags: { ...identity.tags, ...tags } });
}

export async function held(): Promise<ExplainInput> {
  const machine = await booted((world) => (world.healthy = false));
  const inMs = 20_000;
  const nextAt = new Date(machine.world.clock.now().getTime() + inMs).toISOString();
  machine.muster.bus.emit({ type: "retry-scheduled", inMs, nextAt });
  return look(machine);
}

/** Each a machine as it was found, by the name of the file that holds what is said of it. */
export const situations: Readonly<Record<string, () => Promise<ExplainInput>>> = {
  "before-any-run": async () => ({ ...(await nothingYet()), agent: { kind: "gone" } }),
  "boot-run-not-begun": nothingYet,
  "daemon-stopped-while-in-service": async () => ({
    ...(await look(await booted())),
    agent: { kind: "silent", pid: 412, state: "stopped" },
  }),
  "daemon-hangs-and-not-root": async () => ({ ...notReadable(), agent: { kind: "silent" } }),
  "settings-invalid": async () => ({
    ...(await nothingYet()),
    agent: { kind: "gone" },
    settings: settingsObserved("cloud: locla\nconfig:\n  ulr: https://git/config.git\n"),
  }),
  "settings-missing": async () => ({
    ...(await nothingYet()),
    agent: { kind: "gone" },
    settings: { kind: "broken", error: settingsMissing, problems: [] },
  }),
  "waiting-for-git": waitingForGit,
  "agent-dead-in-mid-run": async () => ({ ...(await waitingForGit()), agent: { kind: "gone" } }),
  "run-in-the-foreground": async () => ({
    ...(await waitingForGit()),
    agent: { kind: "command", what: "muster run", pid: 77 },
  }),
  "held-at-health": held,
  "tried-in-vain-and-once-more": async () => {
    const machine = await booted((world) => (world.healthy = false));
    await machine.muster.run({ cause: "retry" });
    await machine.muster.run({ cause: "retry" });
    return atMoment(await look(machine), machine.muster, (event) => event.type === "stage-progress" && event.waiting);
  },
  "held-and-agent-dead": async () => ({ ...(await held()), agent: { kind: "gone" } }),
  "balancer-and-smoke-check-differ": async () => look(await booted((world) => (world.balancer.passes = () => false))),
  "catalogue-invalid": async () =>
    look(
      await booted((world) =>
        world.repo.remote.commitFiles({ "muster.yaml": "version: 1\nroles: { web: { port: 3 }, db: 4 }\n" }, "broken"),
      ),
    ),
  "in-service": async () => look(await booted()),
  "in-service-and-agent-dead": async () => ({ ...(await look(await booted())), agent: { kind: "gone" } }),
  "held-and-settings-edited": async () => ({ ...(await held()), settings: editedSettings() }),
  "in-service-with-edited-settings": async () => ({ ...(await look(await booted())), settings: editedSettings() }),
  "in-service-with-broken-settings": async () => ({
    ...(await look(await booted())),
    settings: settingsObserved("cloud: locla\nconfig: { url: https://git/config.git }\n"),
  }),
  "in-service-last-run-failed": async () => {
    const machine = await booted();
    machine.world.engine.during = async () => {
      throw trouble("converge-failed");
    };
    await machine.world.repo.remote.commitFiles({ "site.pp": "broken" }, "a mistake");
    await machine.muster.run({ cause: "schedule" });
    return look(machine);
  },
  "in-service-reboot-required": async () => {
    const machine = await booted();
    machine.muster.bus.emit({ type: "run-facts", facts: { reboot: { required: true, reasons: ["a new kernel"] } } });
    return look(machine);
  },
  paused: async () => {
    const machine = await booted();
    await pauseKeeperOf(machine.muster).begin({ reason: "looking at a disk", by: "alice", forMs: 3_600_000 });
    return look(machine);
  },
  "in-service-and-not-healthy": async () => {
    const machine = await booted();
    fallUnhealthy(machine.muster);
    return look(machine);
  },
  "out-to-patch": async () => {
    const machine = await booted();
    const { executor, bus } = machine.muster;
    const until = "2026-01-01T01:00:00.000Z";
    bus.emit({
      type: "slot-changed",
      slot: { purpose: "patch", number: 1, count: 1, name: "web.example.internal", until },
    });
    const request = { want: "out", by: "patch", reason: "patching in its window" } as const;
    await executor.membership(request, 0, () => undefined, never);
    return look(machine);
  },
  "out-for-its-health": async () => {
    const machine = await booted();
    fallUnhealthy(machine.muster);
    await machine.muster.ask("out", "health");
    return look(machine);
  },
  "taken-out-by-hand": async () => {
    const machine = await booted();
    await machine.muster.drain();
    return look(machine);
  },
  unconfirmed: async () => {
    const { world } = await booted();
    world.bootId = "boot-2";
    for (const part of [world.balancer, world.dns, world.tags]) part.trouble = trouble("aws-unreachable", true);
    const muster = await world.start();
    await muster.executor.start(never);
    return look({ world, muster });
  },
  "local-mirror-used": async () => {
    const { world } = await booted();
    world.bootId = "boot-2";
    world.repo.failFetchForEver(trouble("config-fetch-failed", true));
    const muster = await world.start();
    await muster.executor.start(never);
    return look({ world, muster });
  },
  "tag-refused": async () => look(await booted((world) => (world.identity = tagged({ "muster:url": "https://evil" })))),
  "names-from-tags": async () =>
    look(
      await booted((world) => {
        world.naming = {
          tags: { prefix: "muster:", trust: ["role", "environment", "ref", "dns"] },
          dns: { zones: [{ zone: "example.internal", names: ["web-*"], ttl: 30, routing: "multivalue" }] },
        };
        world.identity = tagged({ "muster:dns": "web-7.example.internal db.example.internal", "muster:weight": "5" });
      }),
    ),
  "ref-not-allowed": async () => look(await booted((world) => (world.identity = tagged({ "muster:ref": "attack" })))),
  "not-root": async () => notReadable(),
};

const settingsMissing = {
  code: "settings-missing",
  message: "There are no settings: /etc/muster/muster.yaml does not exist",
  hint: "Write /etc/muster/muster.yaml: cloud and config.url are all it needs.",
};

async function nothingYet(): Promise<ExplainInput> {
  const world = await createWorld();
  return {
    ...(await observeFrom(world, await world.start())),
    status: initialStatus("boot-1", "2026-01-01T00:00:00.000Z"),
  };
}

async function waitingForGit(): Promise<ExplainInput> {
  const machine = await booted((world) => world.repo.failFetchForEver(trouble("config-fetch-failed", true)));
  return atMoment(await look(machine), machine.muster, (event) => event.type === "stage-progress" && event.waiting);
}
