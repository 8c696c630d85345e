import { createControlClient } from "../adapters/control/client.ts";
import { isRoot, ownSocket } from "../adapters/control/own-socket.ts";
import { createClock } from "../adapters/host/clock.ts";
import { createHost } from "../adapters/host/host.ts";
import { processState } from "../adapters/host/process-state.ts";
import { lockHolder } from "../adapters/host/run-lock.ts";
import { createStateFiles } from "../adapters/host/state-files.ts";
import * as paths from "../domain/settings/paths.ts";
import type { MachineView } from "../queries/machine-view.ts";

/** This machine, for queries. */
export function machineView(): MachineView {
  return {
    daemon: createControlClient(ownSocket()),
    files: createStateFiles(paths.stateDirectory),
    clock: createClock(),
    host: createHost(),
    lockHolder: () => lockHolder(paths.lockFile),
    processState,
    isRoot: isRoot(),
  };
}
