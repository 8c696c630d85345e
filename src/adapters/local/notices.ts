import type { CloudNotice } from "../../domain/membership/cloud-notice.ts";
import type { LogNoticeCode } from "../../domain/errors/error-codes.ts";
import { reportOf } from "../../domain/errors/errors.ts";
import { createReportGate } from "../../lib/async/report.ts";
import type { CloudNotices } from "../../ports/cloud-notices.ts";
import type { InstanceReader } from "./instance-source.ts";

/** Checking an unchanged file costs almost nothing, in milliseconds. */
const pollMs = 10_000;

/** The notices in the instance file. */
export function createLocalNotices(deps: {
  readonly readInstance: InstanceReader;
  readonly onWarning: (code: LogNoticeCode, text: string) => void;
}): CloudNotices {
  let last: readonly CloudNotice[] = [];
  const reported = createReportGate<string>();

  return {
    everyMs: () => pollMs,
    async pending(signal) {
      try {
        last = (await deps.readInstance(signal)).notices ?? [];
        reported.isNew(undefined);
      } catch (error) {
        signal.throwIfAborted();
        // Malformed text takes back no notice: the file may be half written.
        const { message } = reportOf(error);
        if (reported.isNew(message)) deps.onWarning("cloud-notice-unreadable", `Notices cannot be read: ${message}`);
      }
      return last;
    },
  };
}
