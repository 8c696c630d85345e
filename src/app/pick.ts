// Which adapters this machine's package manager and cloud need: only those are loaded.
import { emitToWatch } from "../adapters/host/command-watch.ts";
import { firstInstalled } from "../adapters/host/which.ts";
import type { NoticeCode } from "../domain/error-codes.ts";
import type { Settings } from "../domain/settings.ts";
import type { Clock } from "../ports/clock.ts";
import type { CloudPorts } from "../ports/cloud.ts";
import type { PackageManager } from "../ports/package-manager.ts";
import type { StateFiles } from "../ports/state-files.ts";
import type { UnitRunner } from "../ports/unit-runner.ts";
import type { EventBus } from "../run/event-bus.ts";

/** In this order: a machine with dnf 5 may call it dnf as well. */
const packageManagers = ["apt-get", "dnf5", "dnf"] as const;

/** Only the adapter of this machine's package manager is loaded. Where there is none, apt says that it is missing. */
export async function packagesOf(deps: {
  readonly units: UnitRunner;
  readonly clock: Clock;
  readonly files: StateFiles;
}): Promise<PackageManager> {
  const flavour = (await firstInstalled(packageManagers)) ?? "apt-get";
  if (flavour === "apt-get") {
    const { createAptPackageManager } = await import("../adapters/apt/package-manager.ts");
    return createAptPackageManager(deps);
  }
  const { createDnfPackageManager } = await import("../adapters/dnf/package-manager.ts");
  return createDnfPackageManager({ ...deps, flavour });
}

/** Only the adapters of this machine's cloud are loaded. */
export async function cloudOf(
  settings: Settings,
  {
    env,
    files,
    clock,
    bus,
  }: {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly files: StateFiles;
    readonly clock: Clock;
    readonly bus: EventBus;
  },
): Promise<CloudPorts> {
  const onWarning = (code: NoticeCode, text: string) => bus.emit({ type: "notice", level: "warning", code, text });
  switch (settings.cloud) {
    case "local": {
      const [{ createLocalCloud }, { parseInstanceFile }] = await Promise.all([
        import("../adapters/local/cloud.ts"),
        import("../settings/instance-file.ts"),
      ]);
      return createLocalCloud({ settings: settings.local, files, clock, parseInstance: parseInstanceFile, onWarning });
    }
    case "aws": {
      const { createAwsCloud } = await import("../adapters/aws/cloud.ts");
      return createAwsCloud({
        env,
        credentials: settings.aws.credentials,
        files,
        clock,
        onCall: (call) => {
          const news = { type: "cloud-call", ...call } as const;
          if (!emitToWatch(news)) bus.emit(news);
        },
        onWarning,
      });
    }
  }
}
