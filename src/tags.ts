// Whose tags a command works with: by this machine's own means where it is root's, else through the daemon.
import { createTagsClient } from "./adapters/control/client.ts";
import { ownSocket } from "./adapters/control/own-socket.ts";
import { createClock } from "./adapters/host/clock.ts";
import { readSettingsFiles } from "./adapters/host/settings-files.ts";
import { createStateFiles } from "./adapters/host/state-files.ts";
import type { TagDeps } from "./cli/tag.ts";
import type { CloudCall } from "./domain/events.ts";
import * as paths from "./domain/paths.ts";
import { cloudOf } from "./pick.ts";
import { createEventBus } from "./run/event-bus.ts";
import { parseSettings } from "./settings/settings.ts";

/** For `muster tag` and `rs_tag`. @param onCall hears of each call to a cloud that this process makes */
export async function connectTags(
  env: Readonly<Record<string, string | undefined>>,
  onCall: (call: CloudCall) => void = () => undefined,
): ReturnType<TagDeps["connect"]> {
  const socket = ownSocket();
  if (socket === paths.controlSocket) return { store: createTagsClient(socket) };
  const { settings } = parseSettings(await readSettingsFiles(paths.settingsFile, paths.settingsDirectory));
  const clock = createClock();
  const bus = createEventBus(clock);
  bus.listen((event) => void (event.type === "cloud-call" && onCall(event)));
  const { tagStore } = await cloudOf(settings, { env, clock, bus, files: createStateFiles(paths.stateDirectory) });
  return { store: tagStore, prefix: settings.tags.prefix };
}
