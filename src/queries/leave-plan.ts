import { usualLeave } from "../domain/membership/leaving.ts";
import type { LeavePlan, LeaveReason } from "../domain/membership/leave-plan.ts";
import { planLeave } from "../membership/plan-leave.ts";
import { wishFile, wishIn } from "../membership/wish-file.ts";
import type { CloudPorts } from "../ports/cloud.ts";
import { createDutyKeeper } from "../run/state/duty.ts";
import { statusToKeep } from "../run/state/status-file.ts";
import { createCatalogueReader } from "../settings/catalogue.ts";
import type { MachineView } from "./machine-view.ts";

export type LeavePlanPorts = Pick<MachineView, "files" | "clock" | "host"> & {
  readonly cloud: CloudPorts;
};

/** What leaving now would do, and how long it would take. @throws MusterError `state-read-failed` */
export async function leavePlan(
  { files, clock, host, cloud }: LeavePlanPorts,
  as: LeaveReason,
  signal: AbortSignal,
): Promise<LeavePlan> {
  const duty = createDutyKeeper(files, createCatalogueReader());
  await duty.load();
  const moment = { bootId: await host.bootId(), now: clock.now(), upMs: clock.uptimeMs() };
  const status = await statusToKeep(files, moment);
  const policy = duty.current()?.role.leave ?? usualLeave;
  const given = {
    as,
    wish: wishIn(await files.read(wishFile)),
    policy,
    shutdownMs: status.watch?.leaveMs ?? policy.limitMs,
    spreadMs: cloud.pace.spreadMs,
  };
  return await planLeave(given, cloud, signal);
}
