import { reportOf } from "../domain/errors/errors.ts";
import type { KnownValue } from "../domain/settings/known-value.ts";
import { readRecording } from "../domain/run/recording.ts";
import type { SettingsInForce } from "../domain/settings/settings-edits.ts";
import { catalogueFile } from "../domain/settings/paths.ts";
import { wishFile, wishIn } from "../membership/wish-file.ts";
import type { Scheduler } from "../ports/scheduler.ts";
import { readApplied } from "../run/spine/applied.ts";
import { knownRole, knownSettings } from "../settings/known-values.ts";
import { eventsOfTimes, type ExplainInput, type SettingsObservation } from "../views/explain/input.ts";
import { unreadSettings } from "../views/explain/settings-observation.ts";
import { askAgent } from "./agent.ts";
import type { MachineView } from "./machine-view.ts";
import { nextTimes } from "./next-times.ts";
import { createRecordings } from "./recordings.ts";
import { statusOnDisk } from "./status.ts";

export type ExplainPorts = MachineView & {
  readonly scheduler: Scheduler;
  /** The main file of the settings, then the others. @throws MusterError `settings-missing` and others */
  readonly readSettings: () => Promise<Parameters<typeof knownSettings>[0]>;
  /** The settings that the daemon works with. @throws MusterError where it cannot be asked */
  readonly inForce: () => Promise<SettingsInForce>;
  /** The catalogue in the worktree of a commit; undefined when there is none. */
  readonly readCatalogue: (commit: string) => Promise<string | undefined>;
};

/** Everything that `muster explain` is made from. What cannot be read is said and does not throw. @param now ISO 8601 */
export async function explainInput(ports: ExplainPorts, now: string): Promise<ExplainInput> {
  const { files } = ports;
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
  const { agent, status: fresh, refusal } = await askAgent(ports);
  if (refusal !== undefined) unread.push(refusal);
  const status = fresh ?? (await read(() => statusOnDisk(ports, now)));
  const settings = await settingsNow(ports, agent.kind === "answers", unread);
  if (status === undefined) return { now, status, agent, settings, role: [], scheduled: [], unread };
  const { run } = status;
  const applied = await read(() => readApplied(files));
  const wish = await read(async () => wishIn(await files.read(wishFile)));
  const recording = run && (await read(() => readRecording(createRecordings(files), run.id, eventsOfTimes)));
  const commit = status.config?.commit ?? applied?.commit;
  const role = await read(() => roleValues(ports, commit, status.role ?? applied?.role));
  const scheduled = await read(() => nextTimes(ports, new Date(now)));
  return {
    ...{ now, status, agent, settings, role: role ?? [], scheduled: scheduled ?? [], unread },
    ...(recording === undefined ? {} : { recording }),
    ...(wish === undefined ? {} : { wish }),
    ...(applied === undefined ? {} : { applied }),
  };
}

async function settingsNow(
  { readSettings, inForce }: ExplainPorts,
  answers: boolean,
  unread: string[],
): Promise<SettingsObservation> {
  try {
    const values = knownSettings(await readSettings());
    // Other users may not ask, and an older daemon does not tell.
    const used = answers ? await inForce().catch(() => undefined) : undefined;
    return { kind: "read", values, ...(used === undefined ? {} : { inForce: used }) };
  } catch (error) {
    const settings = unreadSettings(error);
    if (settings.kind === "unread") unread.push(reportOf(error).message);
    return settings;
  }
}

/** The values of a role as the catalogue of a commit has them; none where its worktree is gone. */
async function roleValues(
  { readCatalogue }: ExplainPorts,
  commit: string | undefined,
  role: string | undefined,
): Promise<readonly KnownValue[]> {
  if (commit === undefined || role === undefined) return [];
  const text = await readCatalogue(commit);
  return text === undefined ? [] : knownRole(text, `${catalogueFile}@${commit.slice(0, 12)}`, role);
}
