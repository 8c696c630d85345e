// Picks adapters and puts the agent together: for the daemon, for a command in process, and for one that
// reaches the daemon. Loaded only by commands that work.
import { createControlClient } from "./adapters/control/client.ts";
import { ownSocket } from "./adapters/control/own-socket.ts";
import { createControlServer } from "./adapters/control/server.ts";
import { createGitConfigRepo } from "./adapters/git/config-repo.ts";
import { createClock } from "./adapters/host/clock.ts";
import { createCommandWatch } from "./adapters/host/command-watch.ts";
import { groupNumber } from "./adapters/host/group.ts";
import { createHost } from "./adapters/host/host.ts";
import { createBoundedFile, createEventLog } from "./adapters/host/log-file.ts";
import { releaseAfterRuns } from "./adapters/host/memory.ts";
import { createProber } from "./adapters/host/prober/prober.ts";
import { createRecorder } from "./adapters/host/recorder.ts";
import { createRunLock } from "./adapters/host/run-lock.ts";
import { scheduler } from "./adapters/host/scheduler.ts";
import { readSettingsFiles } from "./adapters/host/settings-files.ts";
import { createStateFiles } from "./adapters/host/state-files.ts";
import type { Metrics } from "./adapters/prometheus/metrics.ts";
import { createPuppetEngine } from "./adapters/puppet/engine.ts";
import { createMachine } from "./adapters/systemd/machine.ts";
import { createServiceManager } from "./adapters/systemd/service-manager.ts";
import { createUnitRunner } from "./adapters/systemd/unit-runner.ts";
import { daemon } from "./daemon/daemon.ts";
import { guardTags } from "./daemon/guarded-tags.ts";
import { createPauseKeeper, pauseChanged } from "./daemon/pause-keeper.ts";
import { createAnswered } from "./daemon/answered.ts";
import { createDepartures } from "./daemon/departures.ts";
import type { Choose } from "./daemon/tag-change.ts";
import type { SweepDeps } from "./daemon/sweep.ts";
import { createSlotHolder } from "./daemon/slot-holder.ts";
import { createTurnLock } from "./daemon/turn-lock.ts";
import { buildInfo } from "./domain/build-info.ts";
import { MusterError } from "./domain/errors.ts";
import type { RunEvent } from "./domain/events.ts";
import * as paths from "./domain/paths.ts";
import { passingTags } from "./domain/passing-tags.ts";
import { select } from "./domain/selection.ts";
import type { Settings } from "./domain/settings.ts";
import { awsLooks, awsPacing, nearLooks, nearPacing, type LookPacing } from "./membership/pacing.ts";
import { createMembership } from "./membership/membership.ts";
import type { Agent } from "./ports/agent.ts";
import type { CloudPorts } from "./ports/cloud.ts";
import type { ControlServer } from "./ports/control.ts";
import type { ConfigRepo } from "./ports/config-repo.ts";
import type { RunLock } from "./ports/run-lock.ts";
import type { StateFiles } from "./ports/state-files.ts";
import { createDutyKeeper, type DutyKeeper } from "./run/duty.ts";
import { createEventBus, type EventBus } from "./run/event-bus.ts";
import { cloudOf, packagesOf } from "./pick.ts";
import { createExecutor, type Executor } from "./run/executor.ts";
import { hasOwnStandby } from "./run/standby.ts";
import { createStatusKeeper, type StatusKeeper } from "./run/status-keeper.ts";
import { createCatalogueReader } from "./settings/catalogue.ts";
import { parseSettings } from "./settings/settings.ts";
import type { Membership } from "./membership/membership.ts";
import { storyLine } from "./views/story.ts";

const clock = createClock();

/** What both the daemon and a command in process work with. */
type Parts = {
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
  readonly cloud: CloudPorts;
  readonly looks: LookPacing;
};

/**
 * Everything wired.
 * @throws MusterError `settings-missing`, `settings-invalid`: before anything is written
 */
async function assemble(turns: { readonly lock: RunLock; readonly shared: boolean }): Promise<Parts> {
  const { settings, provenance } = parseSettings(await readSettingsFiles(paths.settingsFile, paths.settingsDirectory));
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
  const executor = createExecutor({
    settings,
    provenance,
    bootId,
    clock,
    files,
    ...cloud,
    repo,
    catalogue: createCatalogueReader(),
    packages: await packagesOf({ units, clock, files }),
    engines: [createPuppetEngine({ units })],
    prober: createProber(),
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
  return { ...made, choose, tagPrefix, cloud, looks };
}

/** The daemon, until `signal` aborts. */
export async function serve(signal: AbortSignal): Promise<void> {
  const parts = await assemble({ lock: createTurnLock(clock, process.pid), shared: false });
  const { settings } = parts;
  const log = createEventLog(settings.log === "json" ? process.stdout : boundedLog());
  parts.bus.listen(log);
  const metrics = await monitor(parts, settings);
  if (settings.log === "plain") parts.bus.listen(tellStory);
  parts.bus.listen(releaseAfterRuns());
  await daemon(
    {
      ...parts,
      ...parts.cloud,
      clock,
      pause: createPauseKeeper({ ...parts, clock, tell: (pause, over) => parts.bus.emit(pauseChanged(pause, over)) }),
      lock: createRunLock(paths.lockFile, clock),
      control: controlServer(metrics),
      tags: { tags: parts.cloud.tagStore, openTags: guardTags(parts.cloud.tagStore, settings.tags.prefix) },
      services: createServiceManager({ pid: process.pid, env: process.env }, paths.unitDropIns),
      scheduler,
      prober: createProber(),
      departures: createDepartures(),
      answered: createAnswered(parts.files, parts.bootId),
      sweeping: sweepingOf(parts),
      ownStandby: () => hasOwnStandby(parts),
      slots: createSlotHolder({ files: parts.files, slots: parts.cloud.slots, tell: (event) => parts.bus.emit(event) }),
      retry: settings.retry.held,
      pollMs: settings.config.pollMs,
    },
    signal,
  );
}

/** Absent where nobody can be asked who lives. */
function sweepingOf({ cloud: { fleet, registry, balancer }, files, bootId }: Parts): SweepDeps | undefined {
  return fleet && registry && { fleet, registry, balancer, files, clock, bootId };
}

function controlServer(metrics: Metrics): ControlServer {
  const { rootSocket, controlSocket: groupSocket, controlGroup } = paths;
  return createControlServer({ rootSocket, groupSocket, group: () => groupNumber(controlGroup), metrics });
}

/** Metrics of these parts, written to the textfile of the settings too, where they name one. */
async function monitor({ bus, status, membership }: Parts, { metrics: { textfile } }: Settings): Promise<Metrics> {
  const [{ createMetrics }, { keepTextfile }] = await Promise.all([
    import("./adapters/prometheus/metrics.ts"),
    import("./adapters/prometheus/textfile.ts"),
  ]);
  const metrics = createMetrics(() => {
    const { wish, settling, failure } = membership.status();
    const wanted = wish === undefined ? undefined : wish.want === "in";
    return {
      build: buildInfo,
      status: status.current(),
      membership: { wanted, settling, failing: failure !== undefined },
    };
  });
  bus.listen(metrics.onEvent);
  if (textfile === undefined) return metrics;
  const file = keepTextfile(textfile, metrics.text, (why) => {
    const text = `The metrics cannot be written to ${textfile}: ${why}`;
    bus.emit({ type: "notice", level: "warning", code: "metrics-write-failed", text });
  });
  bus.listen(file.onEvent);
  await file.flush();
  return metrics;
}

/** The daemon where one lives, else the executor in this process. */
export async function connect(): Promise<Agent> {
  const daemonOfHost = createControlClient(ownSocket());
  if (await answers(daemonOfHost)) return daemonOfHost;
  // As muster.service has it: what lies in /run/muster is root's, and others may pass through there.
  process.umask(0o077);
  const { bus, executor } = await assemble({ lock: createRunLock(paths.lockFile, clock), shared: true });
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

function boundedLog() {
  return createBoundedFile(`${paths.logDirectory}/muster.log`, logBytes);
}

/** For `journalctl -u muster`: what external commands print stays in their own units' logs. */
function tellStory(event: RunEvent): void {
  const line = storyLine(event, underJournal());
  if (line !== undefined) process.stdout.write(line);
}

/** systemd sets this where it reads standard output into the journal: sd-daemon(3) priorities are understood. */
function underJournal(): boolean {
  return process.env["JOURNAL_STREAM"] !== undefined;
}
