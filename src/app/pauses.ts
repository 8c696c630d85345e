// Where a pause is requested: from the daemon if one lives, else in the file that it reads at its start.
import { createPausesClient } from "../adapters/control/client.ts";
import { ownSocket } from "../adapters/control/own-socket.ts";
import { createClock } from "../adapters/host/clock.ts";
import { createHost } from "../adapters/host/host.ts";
import { createStateFiles } from "../adapters/host/state-files.ts";
import type { PauseDeps } from "../cli/commands/pause.ts";
import { createPauseKeeper } from "../daemon/pause/pause-keeper.ts";
import * as paths from "../domain/settings/paths.ts";
import type { Pauses } from "../ports/pauses.ts";
import { reachOfHost } from "./reach.ts";
import { daemonOrHere, isNotListening } from "./without-daemon.ts";

/** For `muster pause` and `muster resume`. */
export function pauseDeps(who: string): PauseDeps {
  return {
    pauses: {
      begin: (request) => inDaemonOrHere((pauses) => pauses.begin(request)),
      end: () => inDaemonOrHere((pauses) => pauses.end()),
    },
    who,
  };
}

async function inDaemonOrHere<T>(work: (pauses: Pauses) => Promise<T>): Promise<T> {
  const daemon = createPausesClient(ownSocket());
  let isHere = false;
  async function here(): Promise<Pauses> {
    isHere = true;
    const bootId = await createHost().bootId();
    const files = createStateFiles(paths.stateDirectory);
    const keeper = createPauseKeeper({ files, clock: createClock(), bootId, report: () => undefined });
    await keeper.load();
    return keeper;
  }
  const done = await daemonOrHere(daemon, here, work, reachOfHost(), new AbortController().signal);
  // A daemon that started meanwhile may have read the file before this.
  if (isHere) await work(daemon).catch(ignoreNotListening);
  return done;
}

function ignoreNotListening(error: unknown): void {
  if (!isNotListening(error)) throw error;
}
