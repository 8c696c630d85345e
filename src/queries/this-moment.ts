import type { Now } from "../views/timeline/timeline.ts";
import { mayBeAtWork, type MachineView } from "./machine-view.ts";

/** The end of a timeline that is still growing; undefined when no agent is at work, so that nothing is under way. */
export async function thisMoment(view: Pick<MachineView, "lockHolder" | "clock" | "host">): Promise<Now | undefined> {
  if (!mayBeAtWork(view)) return undefined;
  const { clock, host } = view;
  return { at: clock.now().toISOString(), upMs: clock.uptimeMs(), boot: await host.bootId() };
}
