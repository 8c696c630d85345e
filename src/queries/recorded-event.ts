import type { CommandEnd, EventBody, PlannedStep, RunEvent, UnitOutput } from "../domain/run/events.ts";
import {
  hasFields,
  isAmount,
  isAnyOf,
  isFlag,
  isListOf,
  isObject,
  isOneOf,
  isText,
  isTime,
  type Guard,
} from "../domain/text/guards.ts";
import {
  isCordon,
  isDrift,
  isErrorReport,
  isExactly,
  isFacts,
  isHealth,
  isInstance,
  isMaintenance,
  isPatched,
  isPatchFailure,
  isPause,
  isPending,
  isPinned,
  isRebootRequired,
  isRunEnd,
  isSelection,
  isSlot,
  isStage,
  isWatch,
  isWord,
  withKnownEnd,
} from "../domain/run/recorded-shapes.ts";

type Body<Type extends EventBody["type"]> = Extract<EventBody, { type: Type }>;
type Rest<Type extends EventBody["type"]> = Omit<Body<Type>, "type">;

const isPlace: Guard<number> = (value): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const isUnit = hasFields<UnitOutput>({ name: isText, logFile: isText }, { from: isPlace });

const isStep = hasFields<PlannedStep>({ text: isText }, { details: isListOf(isText) });

type Ended = Extract<CommandEnd, { ended: "exited" }>;
type EndedOtherwise = Exclude<CommandEnd, Ended>;
type OfCommand = { readonly stage: Body<"stage-started">["stage"]; readonly id: number; readonly command: string };

const ofCommand = { stage: isStage, id: isAmount, command: isText };

const isFinishedCommand = isAnyOf<[OfCommand & Ended & Timed, OfCommand & EndedOtherwise & Timed]>(
  hasFields<OfCommand & Ended & Timed>(
    { ...ofCommand, durationMs: isAmount, ended: isExactly("exited"), code: isAmount },
    {},
  ),
  hasFields<OfCommand & EndedOtherwise & Timed>(
    { ...ofCommand, durationMs: isAmount, ended: isOneOf(["killed", "timed-out", "missing", "lost", "aborted"]) },
    {},
  ),
);

type Timed = { readonly durationMs: number };

const isRunFacts = hasFields<Body<"run-facts">["facts"]>(
  {},
  {
    instance: isInstance,
    role: isText,
    environment: isText,
    ref: isText,
    commit: isText,
    selection: isSelection,
    config: isPinned,
    watch: isWatch,
    patched: isPatched,
    patchTrouble: isListOf(isPatchFailure),
    reboot: isRebootRequired,
  },
);

/** The fields of each event besides its type. */
const shapes: { readonly [Type in EventBody["type"]]: (value: unknown) => boolean } = {
  "run-started": hasFields<Rest<"run-started">>(
    { cause: isWord, startType: isWord, dryRun: isFlag, resumed: isFlag },
    { boot: isText },
  ),
  "stage-started": hasFields<Rest<"stage-started">>({ stage: isStage }, {}),
  "stage-progress": hasFields<Rest<"stage-progress">>(
    { stage: isStage, text: isText, waiting: isFlag },
    { brief: isText },
  ),
  "stage-output": hasFields<Rest<"stage-output">>({ stage: isStage, line: isText }, {}),
  "stage-finished": hasFields<Rest<"stage-finished">>(
    { stage: isStage, outcome: isWord, durationMs: isAmount, summary: isText, facts: isFacts },
    { error: isErrorReport },
  ),
  "stage-planned": hasFields<Rest<"stage-planned">>({ stage: isStage, steps: isListOf(isStep) }, {}),
  "run-facts": hasFields<Rest<"run-facts">>({ facts: isRunFacts }, {}),
  "run-finished": hasFields<Rest<"run-finished">>({ end: isRunEnd, durationMs: isAmount }, {}),
  "state-changed": hasFields<Rest<"state-changed">>(
    { state: isWord, reason: isText },
    { trigger: isWord, stage: isStage, waitsFor: isWord, brief: isText },
  ),
  "pause-changed": hasFields<Rest<"pause-changed">>({}, { pause: isPause, over: isWord }),
  "health-changed": hasFields<Rest<"health-changed">>({}, { health: isHealth }),
  "cordon-changed": hasFields<Rest<"cordon-changed">>({}, { cordon: isCordon }),
  "slot-changed": hasFields<Rest<"slot-changed">>({}, { slot: isSlot }),
  "membership-pending": hasFields<Rest<"membership-pending">>({}, { pending: isPending }),
  "maintenance-announced": hasFields<Rest<"maintenance-announced">>({ maintenance: isListOf(isMaintenance) }, {}),
  "drift-checked": hasFields<Rest<"drift-checked">>({ drift: isDrift }, {}),
  "control-asked": hasFields<Rest<"control-asked">>(
    { socket: isWord, request: isText },
    { detail: isText, refused: isExactly(true) },
  ),
  "retry-scheduled": hasFields<Rest<"retry-scheduled">>({ inMs: isAmount, nextAt: isTime }, {}),
  "command-started": hasFields<OfCommand & { readonly unit?: UnitOutput }>(ofCommand, { unit: isUnit }),
  "command-finished": isFinishedCommand,
  "cloud-call": hasFields<Rest<"cloud-call">>(
    { operation: isText, durationMs: isAmount, attempts: isAmount },
    { stage: isStage, throttled: isAmount, requestId: isText, failure: isText },
  ),
  notice: hasFields<Rest<"notice">>({ level: isWord, code: isWord, text: isText }, { brief: isText }),
};

const isStamped = hasFields<Pick<RunEvent, "at" | "upMs" | "run">>({ at: isTime }, { upMs: isAmount, run: isText });

/** One line of a recording; undefined for a torn line, and for an event of a newer binary. */
export function parseEvent(line: string): RunEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const known =
      isObject(value) && value["type"] === "run-finished" ? { ...value, end: withKnownEnd(value["end"]) } : value;
    return isEvent(known) ? known : undefined;
  } catch {
    return undefined;
  }
}

function isEvent(value: unknown): value is RunEvent {
  if (!isObject(value)) return false;
  const { type } = value;
  const [, isShaped] = Object.entries(shapes).find(([name]) => name === type) ?? [];
  return isStamped(value) && isShaped?.(value) === true;
}
