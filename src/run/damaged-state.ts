import type { EventBody } from "../domain/events.ts";
import type { StateFiles } from "../ports/state-files.ts";
import { ownState } from "./start.ts";

/**
 * Moves state files out of the way that are no JSON (a failing disk, an edit by hand), and says so: their readers
 * take them for absent. What is JSON of another version is theirs to judge. Under the machine's lock.
 */
export async function setDamagedAside(files: StateFiles, emit: (body: EventBody) => void): Promise<void> {
  for (const name of ownState.filter((each) => each.endsWith(".json"))) {
    const text = await files.read(name);
    if (text === undefined || isJson(text)) continue;
    const path = await files.setAside(name);
    const what = `The state file ${name} cannot be read (it is no JSON); it was kept as ${path} and is made anew`;
    emit({ type: "notice", level: "warning", code: "state-set-aside", text: what });
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
