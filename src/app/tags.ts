// The tags for a command: the daemon's if one lives, which has its own way to the cloud (variables of its unit,
// credentials that it holds); without one root's own.
import { createTagsClient } from "../adapters/control/client.ts";
import { ownSocket } from "../adapters/control/own-socket.ts";
import { createClock } from "../adapters/host/clock.ts";
import { readSettingsFiles } from "../adapters/host/settings-files.ts";
import { createStateFiles } from "../adapters/host/state-files.ts";
import type { TagDeps } from "../cli/commands/tag.ts";
import * as paths from "../domain/settings/paths.ts";
import type { Settings } from "../domain/settings/settings.ts";
import { cloudOf } from "./clouds.ts";
import type { TagStore } from "../ports/tag-store.ts";
import { createEventBus } from "../run/state/event-bus.ts";
import { parseSettings } from "../settings/settings.ts";
import { reachOfHost } from "./reach.ts";
import { daemonOrHere } from "./without-daemon.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** For `muster tag` and `rs_tag`. @param tell called with a sentence about each request */
export async function connectTags(env: Env, tell: (words: string) => void): ReturnType<TagDeps["connect"]> {
  const socket = ownSocket();
  tell(`asking the daemon on ${socket}`);
  const daemon = createTagsClient(socket);
  if (socket === paths.controlSocket) return { store: daemon };
  const store = daemonOr(daemon, async () => {
    tell("there is no daemon: asking by its own means");
    return storeHere(await readSettings(), env, tell);
  });
  return { store, ...(await knownPrefix()) };
}

async function readSettings(): Promise<Settings> {
  return parseSettings(await readSettingsFiles(paths.settingsFile, paths.settingsDirectory)).settings;
}

/** The daemon keeps the settings of its start, even if those on disk are no longer valid. */
async function knownPrefix(): Promise<{ readonly prefix?: string }> {
  try {
    return { prefix: (await readSettings()).tags.prefix };
  } catch {
    return {};
  }
}

async function storeHere(settings: Settings, env: Env, tell: (words: string) => void): Promise<TagStore> {
  const clock = createClock();
  const bus = createEventBus(clock);
  bus.listen((event) => {
    if (event.type !== "cloud-call") return;
    tell(`${event.operation} ${event.failure ?? "ok"} (${Math.round(event.durationMs)} ms)`);
  });
  return (await cloudOf(settings, { env, clock, bus, files: createStateFiles(paths.stateDirectory) })).tagStore;
}

/** The daemon's tags; only if no daemon listens, those of `here`. */
function daemonOr(daemon: TagStore, here: () => Promise<TagStore>): TagStore {
  const reach = reachOfHost();
  return {
    list: (signal) => daemonOrHere(daemon, here, (store) => store.list(signal), reach, signal),
    add: (tags, signal) => daemonOrHere(daemon, here, (store) => store.add(tags, signal), reach, signal),
    remove: (tags, signal) => daemonOrHere(daemon, here, (store) => store.remove(tags, signal), reach, signal),
    find: (tags, signal) => daemonOrHere(daemon, here, (store) => store.find(tags, signal), reach, signal),
  };
}
