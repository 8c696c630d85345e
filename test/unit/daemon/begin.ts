import { nearLooks } from "../../../src/membership/pacing.ts";
import { afterEach, expect } from "vitest";
import { createAnswered } from "../../../src/daemon/standing/answered.ts";
import { createDepartures } from "../../../src/daemon/standing/departures.ts";
import { createBeats } from "../../../src/daemon/beats.ts";
import { daemon } from "../../../src/daemon/daemon.ts";
import type { DaemonDeps } from "../../../src/daemon/deps.ts";
import { createSlotHolder } from "../../../src/daemon/patching/slot-holder.ts";
import { detached } from "../../../src/ports/unit-runner.ts";
import { hasOwnStandby } from "../../../src/scaling-group/standby.ts";
import { createFakeTagStore } from "../../fakes/tag-store.ts";
import { createFakeReloads } from "../../fakes/reloads.ts";
import { createFakeScheduler } from "../../fakes/scheduler.ts";
import { createFakeServiceManager } from "../../fakes/service-manager.ts";
import type { Process, World } from "../run/world.ts";

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
  const beats = createBeats(world.clock);
  const departures = createDepartures();
  const scheduler = createFakeScheduler();
  const reloads = createFakeReloads();
  const signal = new AbortController();
  /** One for each time that the daemon was put together. */
  const processes: Process[] = [];

  async function putTogether(): Promise<DaemonDeps> {
    const muster = await world.start();
    processes.push(muster);
    return {
      ...muster,
      clock: world.clock,
      control: {
        async listen() {
          services.calls.push("listen");
          return { close: async () => void services.calls.push("close") };
        },
      },
      services,
      pulse: { prove: () => pulse.prove() },
      beats,
      tags: { tags: createFakeTagStore(), openTags: createFakeTagStore() },
      slots: createSlotHolder({
        files: world.files,
        slots: world.slots,
        tell: (event) => muster.bus.emit(event),
        isShown: () => muster.status.current().slot !== undefined,
      }),
      files: world.files,
      lifecycle: world.lifecycle,
      balancer: world.balancer,
      notices: world.notices,
      ownStandby: () => hasOwnStandby(world),
      prober: world.prober,
      departures,
      answered: createAnswered(world.files, world.bootId),
      looks: nearLooks,
      scheduler,
      repo: world.repo.repo,
      ...settings,
      retry: { firstMs: 30_000, maxMs: 600_000 },
    };
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
    beats,
    muster,
    processes,
    services,
    departures,
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
