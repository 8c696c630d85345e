import { createClock } from "../adapters/host/clock.ts";
import { createHost } from "../adapters/host/host.ts";
import { readSettingsFiles } from "../adapters/host/settings-files.ts";
import { createStateFiles } from "../adapters/host/state-files.ts";
import type { LeavePlan, LeaveReason } from "../domain/membership/leave-plan.ts";
import * as paths from "../domain/settings/paths.ts";
import { leavePlan } from "../queries/leave-plan.ts";
import { createEventBus } from "../run/state/event-bus.ts";
import { parseSettings } from "../settings/settings.ts";
import { cloudOf } from "./clouds.ts";

/** For `muster drain --dry-run`. @throws MusterError `settings-missing`, `settings-invalid`, `state-read-failed` */
export async function leavePlanHere(
  as: LeaveReason,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<LeavePlan> {
  const { settings } = parseSettings(await readSettingsFiles(paths.settingsFile, paths.settingsDirectory));
  const clock = createClock();
  const files = createStateFiles(paths.stateDirectory);
  const cloud = await cloudOf(settings, { env, files, clock, bus: createEventBus(clock) });
  return leavePlan({ files, clock, host: createHost(), cloud }, as, signal);
}
