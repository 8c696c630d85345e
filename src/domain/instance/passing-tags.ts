import { patchedTag } from "../run/patched.ts";
import { pauseTag } from "./pause.ts";
import type { StatusReport } from "./status.ts";

/**
 * The state tags besides the wish, by key without the prefix. Undefined: the tag does not apply now. Absent: it never
 * did.
 */
export function passingTags({
  pause,
  patched,
  patchTrouble,
}: StatusReport): Readonly<Record<string, string | undefined>> {
  const told = patchedTag(patched, patchTrouble);
  return { paused: pauseTag(pause), ...(told === undefined ? {} : { patched: told }) };
}
