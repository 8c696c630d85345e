import type { Moment } from "../domain/pause.ts";
import type { StatusReport } from "../domain/status.ts";
import type { StateFiles } from "../ports/state-files.ts";
import { readPause } from "./pause-file.ts";
import { asOfBoot, initialStatus, withPause } from "./status.ts";

export const statusFile = "status.json";

/** The status on disk, as far as it counts at this moment of this boot; and the pause, which has a file of its own. */
export async function statusAt(files: Pick<StateFiles, "read">, moment: Moment): Promise<StatusReport> {
  const { bootId } = moment;
  const at = moment.now.toISOString();
  const [known, pause] = await Promise.all([readStatus(files), readPause(files, moment)]);
  return withPause(asOfBoot(known ?? initialStatus(bootId, at), bootId, at), pause);
}

/** The status on disk; undefined when there is none or it is of another version (it is rebuilt by the next run). */
async function readStatus(files: Pick<StateFiles, "read">): Promise<StatusReport | undefined> {
  const text = await files.read(statusFile);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isStatus(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A cheap look: the file is our own, written atomically, and `muster status` must stay fast. */
function isStatus(value: unknown): value is StatusReport {
  return (
    typeof value === "object" &&
    value !== null &&
    "version" in value &&
    value.version === 1 &&
    "state" in value &&
    "notices" in value &&
    Array.isArray(value.notices) &&
    "rebootRequired" in value
  );
}
