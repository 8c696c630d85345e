// What commands know that only look: files, the daemon's word, and who holds the lock. Nothing here writes, and what
// cannot be read is said rather than thrown.
import { createControlClient } from "../adapters/control/client.ts";
import { isRoot, ownSocket } from "../adapters/control/own-socket.ts";
import { createClock } from "../adapters/host/clock.ts";
import { createHost } from "../adapters/host/host.ts";
import { lockHolder } from "../adapters/host/run-lock.ts";
import { processState } from "../adapters/host/process-state.ts";
import { readSettingsFiles, readTextFile } from "../adapters/host/settings-files.ts";
import { createStateFiles } from "../adapters/host/state-files.ts";
import { reportDaemonFailure } from "../domain/daemon-failure.ts";
import { MusterError, reportOf } from "../domain/errors.ts";
import type { KnownValue } from "../domain/known-value.ts";
import type { Moment } from "../domain/pause.ts";
import * as paths from "../domain/paths.ts";
import type { StatusReport } from "../domain/status.ts";
import { daemonHolds } from "../ports/run-lock.ts";
import { statusAt } from "../run/status-file.ts";
import { deriveStatus } from "../run/state/derive-status.ts";
import type { AgentObservation, ExplainInput, SettingsObservation } from "../views/explain/input.ts";
import { unreadSettings } from "../views/explain/settings-observation.ts";

const files = createStateFiles(paths.stateDirectory);

/**
 * The daemon's own status, else the one on disk; where nobody keeps that up, it says so first. @param now ISO 8601
 * @throws MusterError `daemon-silent`, `daemon-unreachable` where this user may read nothing but the daemon's answer
 */
export async function readStatus(now: string): Promise<StatusReport> {
  const { sight, status } = await askAgent();
  if (status !== undefined) return status;
  const trouble = sight.kind === "silent" || sight.kind === "gone" ? sight : undefined;
  const known = await statusAt(files, await momentAt(now)).catch((unread: unknown) => {
    throw trouble === undefined ? unread : new MusterError(reportDaemonFailure(trouble));
  });
  return trouble === undefined
    ? known
    : deriveStatus({ status: known, bootId: known.bootId, at: now, failure: trouble }).status;
}

/** Everything that `muster explain` is made from. @param now ISO 8601 */
export async function lookAround(now: string): Promise<ExplainInput> {
  const unread: string[] = [];
  async function read<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      const { message } = reportOf(error);
      // Below a directory that may not be read every file fails alike.
      if (!unread.includes(message)) unread.push(message);
      return undefined;
    }
  }
  const { sight: agent, status: fresh, trouble } = await askAgent();
  if (trouble !== undefined) unread.push(trouble);
  const status = fresh ?? (await read(async () => statusAt(files, await momentAt(now))));
  const settings = await readSettings(unread);
  if (status === undefined) return { now, status, agent, settings, role: [], scheduled: [], unread };
  const [{ readApplied }, { wishIn, wishFile }, { createRecordings }] = await Promise.all([
    import("../run/applied.ts"),
    import("../membership/wish-file.ts"),
    import("../run/recordings.ts"),
  ]);
  const { run } = status;
  const applied = await read(() => readApplied(files));
  const wish = await read(async () => wishIn(await files.read(wishFile)));
  const recording = run && (await read(() => createRecordings(files).read(run.id)));
  const commit = status.config?.commit ?? applied?.commit;
  const role = await read(() => readRole(commit, status.role ?? applied?.role));
  const scheduled = await read(() => nextTimes(new Date(now)));
  return {
    ...{ now, status, agent, settings, role: role ?? [], scheduled: scheduled ?? [], unread },
    ...(recording === undefined ? {} : { recording }),
    ...(wish === undefined ? {} : { wish }),
    ...(applied === undefined ? {} : { applied }),
  };
}

async function momentAt(now: string): Promise<Moment> {
  return { now: new Date(now), upMs: createClock().uptimeMs(), bootId: await createHost().bootId() };
}

type Asked = { readonly sight: AgentObservation; readonly status?: StatusReport; readonly trouble?: string };

/** Whether somebody does the work, and the daemon's own status where it is that. */
async function askAgent(): Promise<Asked> {
  try {
    return { sight: { kind: "answers" }, status: await createControlClient(ownSocket()).status() };
  } catch (error) {
    if (!(error instanceof MusterError)) throw error;
    if (isSilent(error)) return { sight: silent(lockHolder(paths.lockFile)) };
    if (error.code !== "daemon-unreachable") return { sight: { kind: "unasked" }, trouble: error.message };
    return { sight: withoutAnswer(lockHolder(paths.lockFile)) };
  }
}

function isSilent({ code }: MusterError): boolean {
  return code === "daemon-silent" || code === "daemon-lost";
}

type Holder = ReturnType<typeof lockHolder>;

/** Nobody listens: a command in the foreground may be at work, or a daemon that does not listen yet, or not any more. */
function withoutAnswer(holder: Holder): AgentObservation {
  if (holder === "nobody") return { kind: "gone" };
  // Only root may see who holds the lock, and a daemon that runs listens for others too.
  if (holder === undefined) return { kind: isRoot() ? "silent" : "gone" };
  if (holder.what === daemonHolds) return silent(holder);
  return { kind: "command", what: holder.what, pid: holder.pid };
}

function silent(holder: Holder): AgentObservation {
  if (holder === undefined || holder === "nobody") return { kind: "silent" };
  const state = processState(holder.pid);
  return { kind: "silent", pid: holder.pid, ...(state === undefined ? {} : { state }) };
}

async function readSettings(unread: string[]): Promise<SettingsObservation> {
  try {
    const { knownSettings } = await import("../settings/known-values.ts");
    const texts = await readSettingsFiles(paths.settingsFile, paths.settingsDirectory);
    return { kind: "read", values: knownSettings(texts) };
  } catch (error) {
    const sight = unreadSettings(error);
    if (sight.kind === "unread") unread.push(reportOf(error).message);
    return sight;
  }
}

/** The values of a role as the catalogue of a commit has them; none where its worktree is gone. */
async function readRole(commit: string | undefined, role: string | undefined): Promise<readonly KnownValue[]> {
  if (commit === undefined || role === undefined) return [];
  const { knownRole } = await import("../settings/known-values.ts");
  const text = await readTextFile(`${paths.stateDirectory}/worktrees/${commit}/tree/${paths.catalogueFile}`);
  return text === undefined ? [] : knownRole(text.text, `${paths.catalogueFile}@${commit.slice(0, 12)}`, role);
}

/** When the role's schedule is due here, by this instance's share of the splay. */
async function nextTimes(now: Date): Promise<ExplainInput["scheduled"]> {
  const [{ createDutyKeeper }, { scheduler }, { offsetMs }, { scheduleNames, timesOf }] = await Promise.all([
    import("../run/duty.ts"),
    import("../adapters/host/scheduler.ts"),
    import("../domain/splay.ts"),
    import("../domain/times.ts"),
  ]);
  const keeper = createDutyKeeper(files);
  await keeper.load();
  const duty = keeper.current();
  if (duty === undefined) return [];
  const times = scheduleNames.flatMap((name) => {
    const times = timesOf(duty.role, name);
    if (times === undefined) return [];
    const offset = offsetMs(duty.identity.instance.id, times.name, times.splayMs);
    const slot = scheduler.next(times.expression, new Date(now.getTime() - offset));
    return slot === undefined
      ? []
      : [{ name, expression: times.expression, at: new Date(slot.getTime() + offset).toISOString() }];
  });
  return times.toSorted((one, other) => one.at.localeCompare(other.at));
}
