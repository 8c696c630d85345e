// Puts the daemon together, and again with the settings that a reload finds.
import { createControlServer } from "../adapters/control/server.ts";
import { groupNumber } from "../adapters/host/group.ts";
import { listenForHangUp } from "../adapters/host/hang-up.ts";
import { createEventLog, type LogTarget } from "../adapters/host/log-file.ts";
import { releaseAfterRuns } from "../adapters/host/memory.ts";
import { createPulse } from "../adapters/host/pulse.ts";
import { createRunLock } from "../adapters/host/run-lock.ts";
import { scheduler } from "../adapters/host/scheduler.ts";
import type { Metrics } from "../adapters/prometheus/metrics.ts";
import { createServiceManager } from "../adapters/systemd/service-manager.ts";
import { requireSystemd } from "../adapters/systemd/version.ts";
import { assemble, boundedLog, clock, prober, readSettings, type KnownSettings, type Parts } from "./compose.ts";
import { createBeats } from "../daemon/beats.ts";
import { daemon } from "../daemon/daemon.ts";
import { createAnswered } from "../daemon/standing/answered.ts";
import { createDepartures } from "../daemon/standing/departures.ts";
import type { DaemonDeps } from "../daemon/deps.ts";
import { guardTags } from "../daemon/guarded-tags.ts";
import { createPauseKeeper, pauseChanged } from "../daemon/pause/pause-keeper.ts";
import { createSlotHolder } from "../daemon/patching/slot-holder.ts";
import type { SweepDeps } from "../daemon/sweep/sweep.ts";
import { createTurnLock } from "../daemon/turn-lock.ts";
import { buildInfo } from "../domain/build-info.ts";
import { briefEvent } from "../domain/brief-event.ts";
import type { EventListener, RunEvent } from "../domain/events.ts";
import { timeZoneTrouble } from "../domain/environment-values.ts";
import * as paths from "../domain/paths.ts";
import type { Settings } from "../domain/settings.ts";
import type { ControlServer } from "../ports/control.ts";
import { hasOwnStandby } from "../scaling-group/standby.ts";
import { storyLine } from "../views/story.ts";

/**
 * The daemon, until `signal` aborts.
 * @throws MusterError `settings-missing`, `settings-invalid`, `systemd-too-old`: before anything is written
 */
export async function serve(signal: AbortSignal): Promise<void> {
  // One for the life of the process: it keeps its file open.
  const logFile = boundedLog();
  const [known] = await Promise.all([readSettings(), requireSystemd(signal)]);
  const first = await partsOfDaemon(known, logFile);
  await daemon(first, {
    lock: createRunLock(paths.lockFile, clock),
    reloads: listenForHangUp(),
    async prepare() {
      const known = await readSettings();
      return () => partsOfDaemon(known, logFile);
    },
    signal,
  });
}

async function partsOfDaemon(known: KnownSettings, logFile: LogTarget): Promise<DaemonDeps> {
  const turns = createTurnLock(clock, process.pid);
  const parts = await assemble(known, { lock: turns, shared: false });
  const { settings, bus } = parts;
  bus.listen(settings.log === "json" ? tellOthers(createEventLog(process.stdout)) : createEventLog(logFile));
  const metrics = await monitor(parts, settings);
  if (settings.log === "plain") bus.listen(tellOthers(tellStory));
  bus.listen(releaseAfterRuns());
  const trouble = timeZoneTrouble(process.env, Intl.DateTimeFormat().resolvedOptions().timeZone);
  if (trouble !== undefined)
    bus.emit({ type: "notice", level: "warning", code: "environment-malformed", text: trouble });
  return {
    ...parts,
    ...parts.cloud,
    clock,
    turns,
    pause: createPauseKeeper({ ...parts, clock, tell: (pause, over) => bus.emit(pauseChanged(pause, over)) }),
    control: controlServer(metrics, parts),
    tags: { tags: parts.cloud.tagStore, openTags: guardTags(parts.cloud.tagStore, settings.tags) },
    services: createServiceManager({ pid: process.pid, env: process.env }, paths.unitDropIns),
    pulse: createPulse(paths.lockFile),
    beats: createBeats(clock),
    scheduler,
    prober: prober(),
    departures: createDepartures(),
    answered: createAnswered(parts.files, parts.bootId),
    sweeping: sweepingOf(parts),
    ownStandby: () => hasOwnStandby(parts),
    slots: createSlotHolder({
      files: parts.files,
      slots: parts.cloud.slots,
      tell: (event) => bus.emit(event),
      isShown: () => parts.status.current().slot !== undefined,
    }),
    retry: settings.retry.held,
    pollMs: settings.config.pollMs,
  };
}

/** Absent where nobody can be asked who lives. */
function sweepingOf({ cloud: { fleet, registry, balancer }, files, bootId }: Parts): SweepDeps | undefined {
  return fleet && registry && { fleet, registry, balancer, files, clock, bootId };
}

function controlServer(metrics: Metrics, { settings, bus }: Parts): ControlServer {
  const { rootSocket, controlSocket: groupSocket, controlGroup } = paths;
  return createControlServer({
    rootSocket,
    groupSocket,
    group: () => groupNumber(controlGroup),
    metrics,
    address: settings.metrics.listen,
    onAsked: (entry) => bus.emit({ type: "control-asked", ...entry }),
    onTrouble: (text) => bus.emit({ type: "notice", level: "warning", code: "metrics-listen-failed", text }),
  });
}

/** Metrics of these parts, written to the textfile of the settings too, where they name one. */
async function monitor({ bus, status, membership }: Parts, { metrics: { textfile } }: Settings): Promise<Metrics> {
  const [{ createMetrics }, { keepTextfile }] = await Promise.all([
    import("../adapters/prometheus/metrics.ts"),
    import("../adapters/prometheus/textfile.ts"),
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
  // A disk that stands still does not hold up the start.
  void file.flush();
  return metrics;
}

/** systemd's journal is read by others than root: it gets of each event what they may know. */
function tellOthers(listener: EventListener): EventListener {
  return (event) => {
    const told = briefEvent(event);
    if (told !== undefined) listener(told);
  };
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
