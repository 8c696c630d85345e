import { settingsInForce } from "../adapters/control/client.ts";
import { ownSocket } from "../adapters/control/own-socket.ts";
import { scheduler } from "../adapters/host/scheduler.ts";
import { readSettingsFiles, readTextFile } from "../adapters/host/settings-files.ts";
import * as paths from "../domain/settings/paths.ts";
import { explainInput } from "../queries/explain.ts";
import type { ExplainInput } from "../views/explain/input.ts";
import { machineView } from "./machine-view.ts";

/** For `muster explain` and `muster bundle`. @param now ISO 8601 */
export async function explainHere(now: string): Promise<ExplainInput> {
  const ports = {
    ...machineView(),
    scheduler,
    readSettings: () => readSettingsFiles(paths.settingsFile, paths.settingsDirectory),
    inForce: () => settingsInForce(ownSocket()),
    readCatalogue,
  };
  return explainInput(ports, now);
}

async function readCatalogue(commit: string): Promise<string | undefined> {
  const file = `${paths.stateDirectory}/worktrees/${commit}/tree/${paths.catalogueFile}`;
  return (await readTextFile(file))?.text;
}
