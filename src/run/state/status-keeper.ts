import type { StatusReport } from "../../domain/instance/status.ts";
import { createSerial } from "../../lib/async/serial.ts";
import type { Clock } from "../../ports/clock.ts";
import type { StateFiles } from "../../ports/state-files.ts";
import type { EventBus } from "./event-bus.ts";
import { reduceStatus } from "./status.ts";
import { statusFile, statusToKeep } from "./status-file.ts";

/** The status that follows from the events, kept on disk for `muster status`. */
export type StatusKeeper = {
  current(): StatusReport;
  /** Reads the status on disk again: another process may have written it. */
  load(): Promise<void>;
  /** Resolves when all events so far are on disk. A failed write does not stop a run. */
  flush(): Promise<void>;
};

/** Listens to the bus from the status on disk on. */
export async function createStatusKeeper(
  files: StateFiles,
  bus: EventBus,
  bootId: string,
  clock: Pick<Clock, "now" | "uptimeMs">,
): Promise<StatusKeeper> {
  const read = () => statusToKeep(files, { now: clock.now(), upMs: clock.uptimeMs(), bootId });
  let status = await read();
  let saved = status;
  const saves = createSerial();

  async function save(): Promise<void> {
    // A burst of events costs one write: a later save finds the newest status saved.
    if (saved === status) return;
    const wanted = status;
    await files.write(statusFile, `${JSON.stringify(wanted)}\n`);
    saved = wanted;
  }

  function saveSoon(): Promise<void> {
    return saves.run(save).catch(() => undefined);
  }

  bus.listen((event) => {
    const next = reduceStatus(status, event);
    if (next === status) return;
    status = next;
    void saveSoon();
  });
  // A write that a full disk refused is repeated.
  async function load(): Promise<void> {
    await saves.run(async () => {
      status = await read();
      saved = status;
    });
  }

  return { current: () => status, load, flush: saveSoon };
}
