// The adapters of this machine, for the agent. Only those of its cloud and its package manager are loaded.
import { createGitConfigRepo } from "../adapters/git/config-repo.ts";
import { createCommandWatch } from "../adapters/host/command-watch.ts";
import { createHost } from "../adapters/host/host.ts";
import { createBoundedFile } from "../adapters/host/log-file.ts";
import { machineFiles } from "../adapters/host/machine-files.ts";
import { createProxies } from "../adapters/host/proxies.ts";
import { createProber } from "../adapters/host/prober/prober.ts";
import { createRecorder } from "../adapters/host/recorder.ts";
import { readSettingsFiles } from "../adapters/host/settings-files.ts";
import { createStateFiles } from "../adapters/host/state-files.ts";
import { createMachine } from "../adapters/systemd/machine.ts";
import { createOutside } from "../adapters/systemd/outside.ts";
import { createUnitRunner } from "../adapters/systemd/unit-runner.ts";
import * as paths from "../domain/settings/paths.ts";
import type { Settings } from "../domain/settings/settings.ts";
import type { Clock } from "../ports/clock.ts";
import { createEventBus } from "../run/state/event-bus.ts";
import { parseSettings } from "../settings/settings.ts";
import type { AgentPorts, KnownSettings } from "./assembly/agent.ts";
import { cloudOf } from "./clouds.ts";
import { enginesOf } from "./engines.ts";
import { packagesOf } from "./package-managers.ts";

type SettingsFiles = Awaited<ReturnType<typeof readSettingsFiles>>;

/** From the present files. @throws MusterError `settings-missing`, `settings-invalid` */
export async function readSettings(): Promise<KnownSettings & { readonly files: SettingsFiles }> {
  const files = await readSettingsFiles(paths.settingsFile, paths.settingsDirectory);
  return { ...parseSettings(files), files };
}

/** What the agent works with on this machine. @throws MusterError `environment-malformed` */
export async function hostPorts(
  settings: Settings,
  clock: Clock,
  env: Readonly<Record<string, string | undefined>>,
): Promise<AgentPorts> {
  const bus = createEventBus(clock);
  bus.listen(createRecorder(paths.runsDirectory, (body, run) => bus.emit(body, run)));
  const files = createStateFiles(paths.stateDirectory);
  const units = createUnitRunner(paths.runtimeDirectory);
  const proxies = createProxies(settings.proxy, env);
  const variables = () => proxies.environment();
  // Package managers and engines fetch; the commands of a role get nothing that they did not ask for.
  const fetching = createUnitRunner(paths.runtimeDirectory, variables);
  const packages = await packagesOf({ units: fetching, clock, files, variables });
  return {
    bus,
    clock,
    bootId: await createHost().bootId(),
    files,
    units,
    cloud: await cloudOf(settings, { env, files, clock, bus }),
    repo: createGitConfigRepo({
      source: settings.config,
      proxies,
      mirrorDirectory: `${paths.stateDirectory}/config.git`,
      worktreeDirectory: `${paths.stateDirectory}/worktrees`,
      scratchDirectory: `${paths.runtimeDirectory}/scratch`,
    }),
    packages,
    engines: enginesOf({ units: fetching, packages }),
    // Operators' commands run outside the daemon's sandbox, and in the same way without a daemon.
    prober: createProber("/proc", createOutside(paths.runtimeDirectory)),
    machine: createMachine(),
    machineFiles,
    commands: createCommandWatch(),
  };
}

const logBytes = 10 * 1024 * 1024;

export function boundedLog() {
  return createBoundedFile(`${paths.logDirectory}/muster.log`, logBytes);
}
