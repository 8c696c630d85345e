import { afterEach, expect } from "vitest";
import { assembleDaemon, type DaemonPorts } from "../../../src/app/assembly/daemon.ts";
import { daemon } from "../../../src/daemon/daemon.ts";
import type { DaemonDeps } from "../../../src/daemon/deps.ts";
import type { PauseKeeper } from "../../../src/daemon/pause/pause-keeper.ts";
import { detached } from "../../../src/ports/unit-runner.ts";
import { createFakeReloads } from "../../fakes/reloads.ts";
import { createFakeScheduler } from "../../fakes/scheduler.ts";
import { createFakeServiceManager } from "../../fakes/service-manager.ts";
import type { Process, World } from "../run/world.ts";

/** A process that is a daemon. */
export type DaemonProcess = Process & { readonly pause: PauseKeeper };

const daemons: { stop(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of daemons.splice(0)) await one.stop();
});

type Given = Partial<Pick<DaemonDeps, "pollMs" | "sweeping">> & {
  /** What reading the settings again comes to; throw for settings that are not valid. */
  readonly readAgain?: () => void;
};

/** A daemon in a world whose time passes only by `world.clock.advance`. */
export async function begin(world: World, { readAgain = () => undefined, ...settings }: Given = {}) {
  world.clock.freeze();
  const services = createFakeServiceManager();
  /** Replace it to have I/O hang. */
  const pulse = { prove: () => Promise.resolve() };
  const scheduler = createFakeScheduler();
  const reloads = createFakeReloads();
  const signal = new AbortController();
  /** One for each time that the daemon was put together. */
  const processes: DaemonProcess[] = [];

  async function putTogether(): Promise<DaemonDeps> {
    const muster = await world.start();
    const ports: DaemonPorts = {
      control: {
        async listen() {
          services.calls.push("listen");
          return { close: async () => void services.calls.push("close") };
        },
      },
      services,
      pulse: { prove: () => pulse.prove() },
      scheduler,
      inForce: () => Promise.reject(new Error("nobody asks")),
    };
    const deps = { ...assembleDaemon(muster, ports, muster.turns), ...settings };
    processes.push({ ...muster, pause: deps.pause });
    return deps;
  }

  async function prepare() {
    readAgain();
    return putTogether;
  }
  const first = await putTogether();
  const muster = processes[0];
  if (muster === undefined) throw new Error("the first daemon was put together");
  const running = daemon(first, { lock: world.lock, reloads, prepare, signal: signal.signal });
  const ended = running.catch((error: unknown) => error);
  async function stop(): Promise<void> {
    signal.abort(detached);
    expect(await ended).toBeUndefined();
  }
  const begun = {
    pulse,
    beats: first.beats,
    muster,
    processes,
    services,
    departures: first.departures,
    scheduler,
    reloads,
    clock: world.clock,
    ended,
    stop,
  };
  daemons.push(begun);
  return begun;
}

export function runsOf(events: readonly { type: string; run?: string }[]): number {
  return events.filter(({ type }) => type === "run-started").length;
}
