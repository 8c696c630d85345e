import { MusterError } from "../../domain/errors/errors.ts";
import {
  hasFields,
  isAmount,
  isFlag,
  isListOf,
  isObject,
  isText,
  isTime,
  withoutMalformed,
  type Guard,
} from "../../domain/text/guards.ts";
import type { Needed, Optional } from "../../domain/text/guards.ts";
import type { StateFileName } from "../../domain/settings/own-state.ts";
import { stateDirectory } from "../../domain/settings/paths.ts";
import type { Moment } from "../../domain/instance/pause.ts";
import {
  isDrift,
  isErrorReport,
  isExactly,
  isHealth,
  isInstance,
  isMaintenance,
  isPatched,
  isPatchFailure,
  isOutOfService,
  isPause,
  isPending,
  isPinned,
  isRebootRequired,
  isSelection,
  isCordon,
  isSlot,
  isStage,
  isStageStatus,
  isWatch,
  isWord,
} from "../../domain/run/recorded-shapes.ts";
import { redactAll } from "../../domain/redact/redact.ts";
import type { StatusReport } from "../../domain/instance/status.ts";
import type { StateFiles } from "../../ports/state-files.ts";
import { readPause } from "./pause-file.ts";
import { deriveStatus } from "./derive-status.ts";
import { withPause } from "./status.ts";

export const statusFile = "status.json" satisfies StateFileName;

/**
 * The status on disk, as far as it counts in this boot; and the pause, which has a file of its own.
 * @throws MusterError `state-read-failed` also for a damaged file: "no run was made yet" would be a guess
 */
export async function statusAt(files: Pick<StateFiles, "read">, moment: Moment): Promise<StatusReport> {
  return read(files, moment, () => {
    throw damaged();
  });
}

/** The same for the writer: a damaged status counts as none, and the next events make it anew. */
export async function statusToKeep(files: Pick<StateFiles, "read">, moment: Moment): Promise<StatusReport> {
  return read(files, moment, () => undefined);
}

async function read(files: Pick<StateFiles, "read">, moment: Moment, onDamage: () => undefined): Promise<StatusReport> {
  const { bootId } = moment;
  const at = moment.now.toISOString();
  const [text, pause] = await Promise.all([files.read(statusFile), readPause(files, moment)]);
  const known = text === undefined ? undefined : (statusIn(text) ?? onDamage());
  return withPause(deriveStatus({ status: known, bootId, at }).status, pause);
}

function damaged(): MusterError {
  return new MusterError({
    code: "state-read-failed",
    message: `${stateDirectory}/${statusFile} is damaged or of a later muster: where this instance stands is not known`,
    hint: "Start the daemon, or make a run: both write it anew. Find out what changed it: the disk, or somebody with the rights of root.",
  });
}

type Run = NonNullable<StatusReport["run"]>;

const runNeeds: Needed<Run> = {
  id: isText,
  cause: isWord,
  startType: isWord,
  startedAt: isTime,
  finished: isFlag,
  stages: isListOf(isStageStatus),
};

const isRun = hasFields<Run>(runNeeds, { durationMs: isAmount, end: isWord, parked: isFlag });

const isNotice = hasFields<StatusReport["notices"][number]>(
  { code: isText, text: isText },
  { run: isText, brief: isText },
);

const needed: Needed<StatusReport> = {
  version: isExactly(1),
  bootId: isText,
  state: isWord,
  since: isTime,
  reason: isText,
  rebootRequired: isRebootRequired,
  notices: isListOf(isNotice),
};

/** Only a reader says this of the status on disk: in the file it means nothing. */
const isSaidByLookers: Guard<never> = (_value): _value is never => false;

const optional: Optional<StatusReport> = {
  daemon: isSaidByLookers,
  instance: isInstance,
  brief: isText,
  role: isText,
  environment: isText,
  ref: isText,
  commit: isText,
  run: isRun,
  out: isOutOfService,
  selection: isSelection,
  config: isPinned,
  error: isErrorReport,
  heldAt: isStage,
  mustStay: isExactly(true),
  nextRetryAt: isTime,
  waitsFor: isWord,
  maintenance: isListOf(isMaintenance),
  pause: isPause,
  patched: isPatched,
  patchTrouble: isListOf(isPatchFailure),
  cordon: isCordon,
  slot: isSlot,
  drift: isDrift,
  watch: isWatch,
  health: isHealth,
  pending: isPending,
};

const isStatus = hasFields<StatusReport>(needed, optional);

/**
 * The status in a text. Malformed optional fields are left out, as are stages of a newer binary.
 * @returns undefined if the rest is damaged, or of another version
 */
export function statusIn(text: string): StatusReport | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return undefined;
    const kept = withoutMalformed(withKnownStages(value), optional);
    // An older binary may have written a secret that this one masks.
    return isStatus(kept) ? redactAll(kept) : undefined;
  } catch {
    return undefined;
  }
}

function withKnownStages(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { run, notices } = value;
  const stages: unknown = isObject(run) ? run["stages"] : undefined;
  return {
    ...value,
    ...(Array.isArray(notices) ? { notices: notices.filter((notice) => isNotice(notice)) } : {}),
    ...(isObject(run) && Array.isArray(stages)
      ? { run: { ...run, stages: stages.filter((stage) => isStageStatus(stage)) } }
      : {}),
  };
}
