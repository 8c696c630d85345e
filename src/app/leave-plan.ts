// What `muster drain --dry-run` is made from: it observes the machine and its endpoints, and changes nothing.
import { createClock } from "../adapters/host/clock.ts";
import { createHost } from "../adapters/host/host.ts";
import { readSettingsFiles } from "../adapters/host/settings-files.ts";
import { createStateFiles } from "../adapters/host/state-files.ts";
import { longestSpreadMs, usualLeave } from "../domain/leaving.ts";
import type { LeavePlan, LeaveReason } from "../domain/leave-plan.ts";
import * as paths from "../domain/paths.ts";
import { planLeave } from "../membership/plan-leave.ts";
import { wishFile, wishIn } from "../membership/wish-file.ts";
import { cloudOf } from "./pick.ts";
import { createDutyKeeper } from "../run/duty.ts";
import { createEventBus } from "../run/event-bus.ts";
import { statusToKeep } from "../run/status-file.ts";
import { parseSettings } from "../settings/settings.ts";

/** @throws MusterError `settings-missing`, `settings-invalid`, `state-read-failed` */
export async function lookAtLeaving(
  as: LeaveReason,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<LeavePlan> {
  const { settings } = parseSettings(await readSettingsFiles(paths.settingsFile, paths.settingsDirectory));
  const clock = createClock();
  const files = createStateFiles(paths.stateDirectory);
  const cloud = await cloudOf(settings, { env, files, clock, bus: createEventBus(clock) });
  const duty = createDutyKeeper(files);
  await duty.load();
  const moment = { bootId: await createHost().bootId(), now: clock.now(), upMs: clock.uptimeMs() };
  const status = await statusToKeep(files, moment);
  const policy = duty.current()?.role.leave ?? usualLeave;
  const given = {
    as,
    wish: wishIn(await files.read(wishFile)),
    policy,
    shutdownMs: status.watch?.leaveMs ?? policy.limitMs,
    spreadMs: settings.cloud === "aws" ? longestSpreadMs : 0,
  };
  return await planLeave(given, cloud, signal);
}
