import type { EventBody } from "../domain/events.ts";
import type { StateFiles } from "../ports/state-files.ts";
import { appliedSchema } from "./applied.ts";
import { dutySchema } from "./duty.ts";
import { isPause } from "./pause-file.ts";
import { rebootsSchema } from "./reboot-budget.ts";
import { readableMarks, refMarksSchema } from "./ref-marks.ts";
import { standbySchema } from "../scaling-group/standby.ts";
import { ownState } from "./start.ts";

/** Tags that were added by command steer: without the file a run is held, and does not begin as if there were none. */
const addedTags = "added-tags.json";

/** Whether a file of this version says what it has to. */
type Shape = (value: unknown) => boolean;

/** Those whose loss has a consequence: a pause that is over, history that may be rewound, a reboot too many. */
const shapes: Readonly<Record<string, Shape>> = {
  "applied.json": (value) => appliedSchema.safeParse(value).success,
  "duty.json": (value) => dutySchema.safeParse(value).success,
  "pause.json": isPause,
  "reboots.json": (value) => rebootsSchema.safeParse(value).success,
  "ref-marks.json": (value) => refMarksSchema.safeParse(value).success,
  "standby.json": (value) => standbySchema.safeParse(value).success,
};

/**
 * Moves state files out of the way that are no JSON (a failing disk, an edit by hand) or malformed, and says so: their
 * readers take them for absent. What is of another version is theirs to judge. Under the machine's lock.
 */
export async function setDamagedAside(files: StateFiles, emit: (body: EventBody) => void): Promise<void> {
  for (const name of ownState.filter((each) => each.endsWith(".json") && each !== addedTags)) {
    const text = await files.read(name);
    const why = text === undefined ? undefined : damageIn(name, text);
    if (why === undefined) continue;
    const path = await files.setAside(name);
    const rest = name === "ref-marks.json" ? readableMarks(jsonOf(text ?? "")) : undefined;
    if (rest !== undefined) await files.write(name, rest);
    const made = rest === undefined ? "is made anew" : "is written anew with the marks that can be read";
    const what = `The state file ${name} cannot be read (${why}); it was kept as ${path} and ${made}`;
    emit({ type: "notice", level: "warning", code: "state-set-aside", text: what });
  }
}

function damageIn(name: string, text: string): string | undefined {
  const value = jsonOf(text);
  if (value === undefined) return "it is no JSON";
  const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
  if (shape === undefined || shape(value) || isOfAnother(value)) return undefined;
  // What it says may be a secret of the role: the file that is kept shows it.
  return "it is malformed";
}

function isOfAnother(value: unknown): boolean {
  return typeof value === "object" && value !== null && "v" in value && typeof value.v === "number" && value.v !== 1;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
