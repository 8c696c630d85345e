// In the place of the daemon: says what a story tells, over the real control socket, whenever the test has it go on.
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createControlServer } from "../../../src/adapters/control/server.ts";
import type { EventBody, EventListener, RunEvent } from "../../../src/domain/run/events.ts";
import type { RunEnd } from "../../../src/domain/run/run.ts";
import type { StatusReport } from "../../../src/domain/instance/status.ts";
import { catchUp } from "../../../src/run/state/catch-up.ts";
import { initialStatus, reduceStatus } from "../../../src/run/state/status.ts";

export interface StandIn extends AsyncDisposable {
  /** Holds `lib`, its state on disk, and `run`, its control socket. */
  directory: string;
  /** Happens now: those who listen hear it, and the status on disk has it. */
  tell: (...events: EventBody[]) => Promise<void>;
  /** How the work that was asked for ended. */
  end: (end: RunEnd) => void;
  /** Whether somebody listens, or waits for the answer of one that is silent. */
  heard: () => boolean;
}

const runId = "0001-k3v9";

/** @param options.silent it takes connections and never answers */
export async function createStandIn({ silent = false } = {}): Promise<StandIn> {
  const directory = await mkdtemp(join(tmpdir(), "muster-terminal-"));
  await Promise.all([mkdir(join(directory, "lib")), mkdir(join(directory, "run"))]);
  const bootId = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  const past = new Date(Date.now() - 200_000).toISOString();
  const listeners = new Set<EventListener>();
  const ended = new AbortController();
  const work = Promise.withResolvers<RunEnd>();
  let status: StatusReport = initialStatus(bootId, past);

  function event(body: EventBody): RunEvent {
    return { ...body, at: past, run: runId };
  }

  async function whileWorking(onEvent: EventListener): Promise<RunEnd> {
    listeners.add(onEvent);
    return work.promise;
  }

  let asked = false;
  function never(): Promise<never> {
    asked = true;
    return new Promise(() => undefined);
  }

  const noTags = { list: never, add: never, remove: never, find: never };
  const server = await createControlServer({
    rootSocket: join(directory, "run/root.sock"),
    groupSocket: join(directory, "run/control.sock"),
    group: async () => undefined,
    metrics: { contentType: "text/plain", text: async () => "" },
    onFailure: (text) => {
      throw new Error(text);
    },
  }).listen(
    {
      agent: {
        status: () => (silent ? never() : Promise.resolve(status)),
        run: (_request, _waitMs, onEvent) => whileWorking(onEvent),
        membership: (_request, _waitMs, onEvent) => whileWorking(onEvent),
        cancel: never,
        async follow(onEvent, signal) {
          for (const body of catchUp(status)) onEvent(event(body));
          listeners.add(onEvent);
          await until(signal);
          listeners.delete(onEvent);
        },
      },
      pauses: { begin: never, end: never },
      settings: never,
      tags: noTags,
      openTags: noTags,
    },
    ended.signal,
  );

  return {
    directory,
    async tell(...events) {
      for (const body of events) {
        status = reduceStatus(status, event(body));
        for (const listener of listeners) listener(event(body));
      }
      await writeFile(join(directory, "lib/status.json"), JSON.stringify(status));
    },
    end: work.resolve,
    heard: () => asked || listeners.size > 0,
    async [Symbol.asyncDispose]() {
      ended.abort();
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function until(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
