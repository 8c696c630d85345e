import { z } from "zod";
import { abortable } from "../../lib/async/abortable.ts";
import { atTimes } from "../schedules/at-times.ts";
import type { DaemonDeps } from "../deps.ts";
import { stateFile } from "../../ports/state-file.ts";

const schema = z.object({ opensAt: z.iso.datetime(), closesAt: z.iso.datetime() });

/** The time in which an instance may leave service to patch. ISO 8601. */
export type OpenWindow = z.infer<typeof schema>;

export const patchWindowFile = stateFile("patch-window.json", schema);

/** How long the window stays open, in milliseconds. 0 for a window that lies ahead: it was opened by a wrong clock. */
export function leftOf({ opensAt, closesAt }: OpenWindow, now: Date): number {
  const at = now.getTime();
  return at < Date.parse(opensAt) ? 0 : Math.max(0, Date.parse(closesAt) - at);
}

/** The patch windows of the current role. An open window outlives a restart of the agent. */
export type PatchWindows = {
  /** The window that is open, or the next one once it opens. */
  next(signal: AbortSignal): Promise<OpenWindow>;
  /** The work of this window is done, or its time is over. */
  close(window: OpenWindow): Promise<void>;
  end(): void;
};

export async function watchWindows(
  { files, duty, scheduler, clock }: Pick<DaemonDeps, "files" | "duty" | "scheduler" | "clock">,
  /** Called when a window cannot be saved on disk: it counts all the same. */
  onFailure: (error: unknown) => void,
): Promise<PatchWindows> {
  // If the file is lost, the next window opens at its time.
  let open: OpenWindow | undefined = await patchWindowFile.read(files);
  let opened = Promise.withResolvers<void>();
  let expression: string | undefined;
  let endSchedule: (() => void) | undefined;

  /** After a sleep of the machine or a clock change the event comes late, but the window keeps its times. */
  function begin(wanted: string): void {
    const windowMs = duty.current()?.role.schedule.patch?.windowMs;
    if (windowMs === undefined) return;
    const now = clock.now().getTime();
    const opensAt = scheduler.next(wanted, new Date(now - windowMs));
    if (opensAt === undefined || opensAt.getTime() > now) return;
    const closesAt = new Date(opensAt.getTime() + windowMs);
    open = { opensAt: opensAt.toISOString(), closesAt: closesAt.toISOString() };
    patchWindowFile.write(files, open).catch(onFailure);
    opened.resolve();
  }

  function openAt(wanted: string): () => void {
    const over = new AbortController();
    // No splay here: each instance's start within the window is decided when the window is open.
    const times = { name: "patch", expression: wanted, splayMs: 0 };
    atTimes(times, "", { clock, scheduler }, () => begin(wanted), over.signal).catch((error: unknown) => {
      if (!over.signal.aborted) onFailure(error);
    });
    return () => over.abort(new Error("another schedule"));
  }

  const stop = duty.watch((known) => {
    const wanted = known?.role.schedule.patch?.at;
    if (wanted === undefined) open = undefined;
    if (wanted === expression) return;
    endSchedule?.();
    expression = wanted;
    endSchedule = wanted === undefined ? undefined : openAt(wanted);
  });

  return {
    async next(signal) {
      while (open === undefined || leftOf(open, clock.now()) === 0) {
        opened = Promise.withResolvers();
        await abortable(opened.promise, signal);
      }
      return open;
    },
    async close(window) {
      if (open?.opensAt !== window.opensAt) return;
      open = undefined;
      await patchWindowFile.remove(files);
    },
    end() {
      stop();
      endSchedule?.();
    },
  };
}
