// The clouds that muster knows. Only the adapters of this machine's one are loaded.
import { emitToWatch } from "../adapters/host/command-watch.ts";
import { createProxies } from "../adapters/host/proxies.ts";
import type { LogNoticeCode } from "../domain/errors/error-codes.ts";
import type { Cloud } from "../domain/instance/instance.ts";
import type { Settings } from "../domain/settings/settings.ts";
import type { Clock } from "../ports/clock.ts";
import type { CloudPorts } from "../ports/cloud.ts";
import type { StateFiles } from "../ports/state-files.ts";
import type { EventBus } from "../run/state/event-bus.ts";

type Deps = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly files: StateFiles;
  readonly clock: Clock;
  readonly bus: EventBus;
};

type Load = (
  settings: Settings,
  deps: Deps,
  onWarning: (code: LogNoticeCode, text: string) => void,
) => Promise<CloudPorts>;

/** The adapters of each cloud: all of its ports, its pace among them. */
const clouds: { readonly [C in Cloud]: Load } = {
  aws: async ({ aws, lifecycle, tags, proxy }, { env, files, clock, bus }, onWarning) => {
    const { createAwsCloud } = await import("../adapters/aws/cloud.ts");
    return createAwsCloud({
      ...{ env, files, clock, onWarning },
      proxies: createProxies(proxy, env),
      credentials: aws.credentials,
      tagPrefix: tags.prefix,
      hooks: lifecycle.hooks,
      onCall: (call) => {
        const news = { type: "cloud-call", ...call } as const;
        if (!emitToWatch(news)) bus.emit(news);
      },
    });
  },
  local: async (settings, { files, clock }, onWarning) => {
    const [{ createLocalCloud }, { parseInstanceFile }] = await Promise.all([
      import("../adapters/local/cloud.ts"),
      import("../settings/instance-file.ts"),
    ]);
    return createLocalCloud({ settings: settings.local, files, clock, parseInstance: parseInstanceFile, onWarning });
  },
};

/** The ports of this machine's cloud. @throws MusterError `environment-malformed` */
export async function cloudOf(settings: Settings, deps: Deps): Promise<CloudPorts> {
  return await clouds[settings.cloud](settings, deps, (code, text) =>
    deps.bus.emit({ type: "notice", level: "warning", code, text }),
  );
}
