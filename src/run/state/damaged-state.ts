import type { EventBody } from "../../domain/run/events.ts";
import { isStateFile } from "../../domain/settings/own-state.ts";
import { jsonIn, type StateFile } from "../../ports/state-file.ts";
import type { StateFiles } from "../../ports/state-files.ts";
import { standbyFile } from "../../scaling-group/standby.ts";
import { appliedFile } from "../spine/applied.ts";
import { dutyFile } from "./duty.ts";
import { pauseFile } from "./pause-file.ts";
import { rebootsFile } from "../spine/reboot-budget.ts";
import { readableMarks, refMarksFile } from "./ref-marks.ts";

/** Tags that were added by command steer: without the file a run is held, instead of starting without tags. */
const addedTags = "added-tags.json";

/** The files whose loss has a consequence: a pause that is over, history that may be rewound, a reboot too many. */
const watched: readonly Pick<StateFile<object>, "name" | "isSound">[] = [
  appliedFile,
  dutyFile,
  pauseFile,
  rebootsFile,
  refMarksFile,
  standbyFile,
];

/**
 * Sets aside state files that are not JSON (a failing disk, an edit by hand) or malformed, with a notice: their readers
 * then treat them as absent. Files of another version are left to their readers. Under the machine's lock.
 */
export async function setDamagedAside(files: StateFiles, emit: (body: EventBody) => void): Promise<void> {
  for (const name of (await files.list("")).filter((each) => isStateFile(each) && each !== addedTags)) {
    const text = await files.read(name);
    const why = text === undefined ? undefined : damageIn(name, text);
    if (why === undefined) continue;
    const path = await files.setAside(name);
    const rest = name === refMarksFile.name ? readableMarks(jsonIn(text)) : undefined;
    if (rest !== undefined) await refMarksFile.write(files, rest);
    const made = rest === undefined ? "is made anew" : "is written anew with the marks that can be read";
    const what = `The state file ${name} cannot be read (${why}); it was kept as ${path} and ${made}`;
    emit({ type: "notice", level: "warning", code: "state-set-aside", text: what });
  }
}

function damageIn(name: string, text: string): string | undefined {
  const value = jsonIn(text);
  if (value === undefined) return "it is no JSON";
  const file = watched.find((each) => each.name === name);
  // The text may be a secret of the role: it stays in the kept file.
  return file === undefined || file.isSound(value) ? undefined : "it is malformed";
}
