import type { Selection } from "../../domain/settings/settings.ts";
import type { ConfigInput } from "../../stages/config/result.ts";
import type { Applied } from "./applied.ts";
import type { RunDeps } from "./deps.ts";
import { readMarks } from "../state/ref-marks.ts";

/** The input of the config stage: the selection, and the last applied configuration. */
export async function configInput(
  selection: Selection,
  applied: Applied | undefined,
  deps: RunDeps,
): Promise<ConfigInput> {
  return {
    selection,
    source: deps.settings.config,
    ...(applied === undefined ? {} : { applied }),
    marks: await readMarks(deps.files, applied),
    keep: applied === undefined ? [] : [applied.commit],
    offlineAllowed: true,
  };
}
