// Who is asked for a pause: the daemon where one lives, else the file that it reads when it starts.
import { createPausesClient } from "../adapters/control/client.ts";
import { ownSocket } from "../adapters/control/own-socket.ts";
import { createClock } from "../adapters/host/clock.ts";
import { createHost } from "../adapters/host/host.ts";
import { createStateFiles } from "../adapters/host/state-files.ts";
import type { PauseDeps } from "../cli/pause.ts";
import { createPauseKeeper } from "../daemon/pause/pause-keeper.ts";
import { MusterError } from "../domain/errors.ts";
import * as paths from "../domain/paths.ts";
import type { Pauses } from "../ports/pauses.ts";

/** For `muster pause` and `muster resume`. */
export function pauseDeps(env: Readonly<Record<string, string | undefined>>): PauseDeps {
  return {
    pauses: {
      begin: (request) => inDaemonOrHere((pauses) => pauses.begin(request)),
      end: () => inDaemonOrHere((pauses) => pauses.end()),
    },
    who: env["SUDO_USER"] ?? env["LOGNAME"] ?? "root",
  };
}

async function inDaemonOrHere<T>(work: (pauses: Pauses) => Promise<T>): Promise<T> {
  const daemon = createPausesClient(ownSocket());
  try {
    return await work(daemon);
  } catch (error) {
    if (!isNobodyThere(error)) throw error;
  }
  const files = createStateFiles(paths.stateDirectory);
  const bootId = await createHost().bootId();
  const keeper = createPauseKeeper({ files, clock: createClock(), bootId, report: () => undefined });
  await keeper.load();
  const done = await work(keeper);
  // A daemon that came meanwhile may have read the file before this.
  await work(daemon).catch(ignoreNobody);
  return done;
}

function ignoreNobody(error: unknown): void {
  if (!isNobodyThere(error)) throw error;
}

function isNobodyThere(error: unknown): boolean {
  return error instanceof MusterError && error.code === "daemon-unreachable";
}
