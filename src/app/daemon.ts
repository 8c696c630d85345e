// The daemon of this machine, put together again with the settings that a reload finds.
import { createControlServer } from "../adapters/control/server.ts";
import { createClock } from "../adapters/host/clock.ts";
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
import { daemon } from "../daemon/daemon.ts";
import type { DaemonDeps } from "../daemon/deps.ts";
import { createTurnLock } from "../daemon/turn-lock.ts";
import { buildInfo } from "../domain/settings/build-info.ts";
import { briefEvent } from "../domain/redact/brief-event.ts";
import type { EventListener, RunEvent } from "../domain/run/events.ts";
import { timeZoneProblem } from "../domain/settings/environment-values.ts";
import { settingsEdits, type SettingsEdit } from "../domain/settings/settings-edits.ts";
import * as paths from "../domain/settings/paths.ts";
import { isWanted } from "../domain/membership/wanted.ts";
import type { ControlServer } from "../ports/control.ts";
import { storyLine } from "../views/story.ts";
import { assembleAgent, type AgentParts } from "./assembly/agent.ts";
import { assembleDaemon } from "./assembly/daemon.ts";
import { boundedLog, hostPorts, readSettings } from "./host-ports.ts";

const clock = createClock();

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

async function partsOfDaemon(known: ReadSettings, logFile: LogTarget): Promise<DaemonDeps> {
  const turns = createTurnLock(clock, process.pid);
  const { settings } = known;
  const { inForce, edits } = readSettingsOf(known);
  const agent = await assembleAgent({ ...known, edits }, await hostPorts(settings, clock, process.env), {
    lock: turns,
    shared: false,
  });
  const { bus } = agent;
  bus.listen(settings.log === "json" ? emitBrief(createEventLog(process.stdout)) : createEventLog(logFile));
  const metrics = await monitor(agent);
  if (settings.log === "plain") bus.listen(emitBrief(writeStory));
  bus.listen(releaseAfterRuns());
  const trouble = timeZoneProblem(process.env, Intl.DateTimeFormat().resolvedOptions().timeZone);
  if (trouble !== undefined)
    bus.emit({ type: "notice", level: "warning", code: "environment-malformed", text: trouble });
  const ports = {
    control: controlServer(metrics, agent),
    services: createServiceManager({ pid: process.pid, env: process.env }, paths.unitDropIns),
    pulse: createPulse(paths.lockFile),
    scheduler,
    inForce,
  };
  return assembleDaemon(agent, ports, turns);
}

function controlServer(metrics: Metrics, { settings, bus }: AgentParts): ControlServer {
  const { rootSocket, controlSocket: groupSocket, controlGroup } = paths;
  return createControlServer({
    rootSocket,
    groupSocket,
    group: () => groupNumber(controlGroup),
    metrics,
    address: settings.metrics.listen,
    onAsked: (entry) => bus.emit({ type: "control-asked", ...entry }),
    onFailure: (text) => bus.emit({ type: "notice", level: "warning", code: "metrics-listen-failed", text }),
  });
}

type ReadSettings = Awaited<ReturnType<typeof readSettings>>;

/** What the daemon tells of its settings: those in force, and what was edited since. */
function readSettingsOf({ files }: ReadSettings) {
  const readAt = clock.now().toISOString();
  // Only who asks pays for the schema that names the defaults.
  const valuesOf = async (some: ReadSettings["files"]) =>
    (await import("../settings/known-values.ts")).knownSettings(some);
  const inForce = async () => ({ readAt, values: await valuesOf(files) });
  async function edits(): Promise<readonly SettingsEdit[]> {
    const now = (await readSettings()).files;
    if (JSON.stringify(now) === JSON.stringify(files)) return [];
    return settingsEdits(await valuesOf(files), await valuesOf(now));
  }
  return { inForce, edits };
}

/** Metrics of these parts; also written to the textfile of the settings, if they name one. */
async function monitor({ bus, status, membership, settings }: AgentParts): Promise<Metrics> {
  const { textfile } = settings.metrics;
  const [{ createMetrics }, { keepTextfile }] = await Promise.all([
    import("../adapters/prometheus/metrics.ts"),
    import("../adapters/prometheus/textfile.ts"),
  ]);
  const metrics = createMetrics(() => {
    const { wish, reconciling, failure } = membership.status();
    const now = status.current();
    return {
      build: buildInfo,
      status: now,
      membership: { wanted: isWanted(wish, now.state), reconciling, failing: failure !== undefined },
    };
  });
  bus.listen(metrics.onEvent);
  if (textfile === undefined) return metrics;
  const file = keepTextfile(textfile, metrics.text, (why) => {
    const text = `The metrics cannot be written to ${textfile}: ${why}`;
    bus.emit({ type: "notice", level: "warning", code: "metrics-write-failed", text });
  });
  bus.listen(file.onEvent);
  // A disk that stands still does not delay the start.
  void file.flush();
  return metrics;
}

/** systemd's journal has other readers than root: it gets the brief form of each event. */
function emitBrief(listener: EventListener): EventListener {
  return (event) => {
    const told = briefEvent(event);
    if (told !== undefined) listener(told);
  };
}

/** For `journalctl -u muster`: the output of external commands stays in their units' logs. */
function writeStory(event: RunEvent): void {
  const line = storyLine(event, underJournal());
  if (line !== undefined) process.stdout.write(line);
}

/** systemd sets this if it reads standard output into the journal: it understands sd-daemon(3) priorities. */
function underJournal(): boolean {
  return process.env["JOURNAL_STREAM"] !== undefined;
}
