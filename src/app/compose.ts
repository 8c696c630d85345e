// Picks adapters and puts the agent together: for the daemon (daemon.ts), for a command in process, and for one
// that reaches the daemon. Loaded only by commands that work.
import { createControlClient } from "../adapters/control/client.ts";
import { ownSocket } from "../adapters/control/own-socket.ts";
import { createGitConfigRepo } from "../adapters/git/config-repo.ts";
import { createClock } from "../adapters/host/clock.ts";
import { createCommandWatch } from "../adapters/host/command-watch.ts";
import { createHost } from "../adapters/host/host.ts";
import { createBoundedFile, createEventLog } from "../adapters/host/log-file.ts";
import { createProber } from "../adapters/host/prober/prober.ts";
import { createRecorder } from "../adapters/host/recorder.ts";
import { createRunLock } from "../adapters/host/run-lock.ts";
import { readSettingsFiles } from "../adapters/host/settings-files.ts";
import { createStateFiles } from "../adapters/host/state-files.ts";
import { createPuppetEngine } from "../adapters/puppet/engine.ts";
import { createMachine } from "../adapters/systemd/machine.ts";
import { createOutside } from "../adapters/systemd/outside.ts";
import { createUnitRunner } from "../adapters/systemd/unit-runner.ts";
import { requireSystemd } from "../adapters/systemd/version.ts";
import type { Choose } from "../daemon/watches/tag-change.ts";
import { MusterError } from "../domain/errors.ts";
import * as paths from "../domain/paths.ts";
import { passingTags } from "../domain/passing-tags.ts";
import { select } from "../domain/selection.ts";
import type { Provenance, Settings } from "../domain/settings.ts";
import { awsLooks, awsPacing, nearLooks, nearPacing, type LookPacing } from "../membership/pacing.ts";
import { createMembership } from "../membership/membership.ts";
import type { Agent } from "../ports/agent.ts";
import type { CloudPorts } from "../ports/cloud.ts";
import type { ConfigRepo } from "../ports/config-repo.ts";
import type { Prober } from "../ports/prober.ts";
import type { RunLock } from "../ports/run-lock.ts";
import type { StateFiles } from "../ports/state-files.ts";
import { createDutyKeeper, type DutyKeeper } from "../run/duty.ts";
import { createEventBus, type EventBus } from "../run/event-bus.ts";
import { cloudOf, packagesOf } from "./pick.ts";
import { createExecutor, type Executor } from "../run/executor.ts";
import { createStatusKeeper, type StatusKeeper } from "../run/status-keeper.ts";
import { createCatalogueReader } from "../settings/catalogue.ts";
import { parseSettings } from "../settings/settings.ts";
import type { Membership } from "../membership/membership.ts";

export const clock = createClock();

/** The checks' eyes; operators' commands run outside the daemon's sandbox, and just so without a daemon. */
export function prober(): Prober {
  return createProber("/proc", createOutside(paths.runtimeDirectory));
}

/** What both the daemon and a command in process work with. */
export type Parts = {
  readonly settings: Settings;
  readonly bus: EventBus;
  readonly status: StatusKeeper;
  readonly membership: Membership;
  readonly duty: DutyKeeper;
  readonly executor: Executor;
  readonly repo: ConfigRepo;
  readonly bootId: string;
  readonly files: StateFiles;
  readonly choose: Choose;
  readonly tagPrefix: string;
  readonly tagTrust: Settings["tags"]["trust"];
  readonly cloud: CloudPorts;
  readonly looks: LookPacing;
};

/** Settings, and where each value of them was written. */
export type KnownSettings = { readonly settings: Settings; readonly provenance: Provenance };

/** As the files are now. @throws MusterError `settings-missing`, `settings-invalid` */
export async function readSettings(): Promise<KnownSettings> {
  return parseSettings(await readSettingsFiles(paths.settingsFile, paths.settingsDirectory));
}

/** Everything wired. Nothing is written yet. */
export async function assemble(
  { settings, provenance }: KnownSettings,
  turns: { readonly lock: RunLock; readonly shared: boolean },
): Promise<Parts> {
  const bootId = await createHost().bootId();
  const bus = createEventBus(clock);
  bus.listen(createRecorder(paths.runsDirectory, (body, run) => bus.emit(body, run)));
  const files = createStateFiles(paths.stateDirectory);
  const status = await createStatusKeeper(files, bus, bootId, clock);
  const units = createUnitRunner(paths.runtimeDirectory);
  const cloud = await cloudOf(settings, { env: process.env, files, clock, bus });
  const tagPrefix = settings.tags.prefix;
  const [pacing, looks] = settings.cloud === "aws" ? [awsPacing, awsLooks] : [nearPacing, nearLooks];
  const duty = createDutyKeeper(files);
  const passing = () => passingTags(status.current());
  const membership = createMembership({ files, clock, tagPrefix, passing, pacing, ...cloud });
  const repo = createGitConfigRepo({
    source: settings.config,
    mirrorDirectory: `${paths.stateDirectory}/config.git`,
    worktreeDirectory: `${paths.stateDirectory}/worktrees`,
    scratchDirectory: `${paths.runtimeDirectory}/scratch`,
  });
  const packages = await packagesOf({ units, clock, files });
  const executor = createExecutor({
    settings,
    provenance,
    bootId,
    clock,
    files,
    ...cloud,
    repo,
    catalogue: createCatalogueReader(),
    packages,
    engines: [createPuppetEngine({ units, packages })],
    prober: prober(),
    machine: createMachine(),
    membership,
    duty,
    commands: createCommandWatch(),
    bus,
    status,
    units,
    ...turns,
  });
  const choose: Choose = (known) => select(settings, known, {}, provenance);
  const made = { settings, bootId, files, bus, status, membership, duty, executor, repo };
  return { ...made, choose, tagPrefix, tagTrust: settings.tags.trust, cloud, looks };
}

/** The daemon where one lives, else the executor in this process. */
export async function connect(): Promise<Agent> {
  const daemonOfHost = createControlClient(ownSocket());
  if (await answers(daemonOfHost)) return daemonOfHost;
  // As muster.service has it: what lies in /run/muster is root's, and others may pass through there.
  process.umask(0o077);
  await requireSystemd(new AbortController().signal);
  const { bus, executor } = await assemble(await readSettings(), {
    lock: createRunLock(paths.lockFile, clock),
    shared: true,
  });
  bus.listen(createEventLog(boundedLog()));
  await executor.load();
  return executor;
}

/** How long a daemon that is about to start may take, in milliseconds. */
const daemonStartMs = 60_000;

/**
 * The daemon, waited for while the machine boots.
 * @throws MusterError `daemon-unreachable`
 */
export async function reachDaemon(signal: AbortSignal): Promise<Agent> {
  const agent = createControlClient(ownSocket());
  const deadline = clock.monotonicMs() + daemonStartMs;
  while (!(await answers(agent))) {
    if (clock.monotonicMs() >= deadline) await agent.status();
    await clock.sleep(250, signal);
  }
  return agent;
}

async function answers(agent: Agent): Promise<boolean> {
  try {
    await agent.status();
    return true;
  } catch (error) {
    if (error instanceof MusterError && error.code === "daemon-unreachable") return false;
    throw error;
  }
}

const logBytes = 10 * 1024 * 1024;

export function boundedLog() {
  return createBoundedFile(`${paths.logDirectory}/muster.log`, logBytes);
}
