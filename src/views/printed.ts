import type { RunEvent, UnitOutput } from "../domain/run/events.ts";

type Started = Extract<RunEvent, { type: "command-started" }>;
type Finished = Extract<RunEvent, { type: "command-finished" }>;

/** A part of a unit's output file, in bytes; without `to` all the rest. */
export type LogPart = {
  readonly file: string;
  readonly from: number;
  readonly to?: number;
};

/** A command that runs as a unit. */
export type UnitCommand = {
  readonly begin: Started;
  /** Absent: it runs, or the agent was gone when it ended. */
  readonly end?: Finished;
};

/** The output of such a command. */
export type Printed = UnitCommand & {
  readonly type: "printed";
  readonly part: LogPart;
  /** The output of a success: the command exited with 0, or its stage accepts another code (Puppet's 2). */
  readonly fine: boolean;
};

/**
 * Adds the output of units to the events. The time of each line is not recorded, so the output stands in place of the
 * command's end; without an end, behind its beginning.
 */
export function withPrinted(events: readonly RunEvent[]): readonly (RunEvent | Printed)[] {
  const entries: (RunEvent | Printed)[] = [...events];
  for (const { begin, end } of commandsOf(events)) {
    if (begin.unit === undefined) continue;
    const later = events.slice(events.indexOf(begin) + 1);
    const printed: Printed = {
      type: "printed",
      begin,
      ...(end && { end }),
      part: partOf(begin.unit, later),
      fine: end?.ended === "exited" && (end.code === 0 || endedWell(begin, later)),
    };
    if (end === undefined) entries.splice(entries.indexOf(begin) + 1, 0, printed);
    else entries.splice(entries.indexOf(end), 1, printed);
  }
  return entries;
}

/**
 * Each command with its end. Ids begin anew with each process of the agent: an end belongs to the latest beginning of
 * its id.
 */
function commandsOf(events: readonly RunEvent[]): readonly UnitCommand[] {
  const commands: { readonly begin: Started; end?: Finished }[] = [];
  for (const event of events) {
    if (event.type === "command-started") commands.push({ begin: event });
    if (event.type !== "command-finished") continue;
    const begun = commands.findLast(({ begin }) => begin.id === event.id);
    if (begun !== undefined) begun.end ??= event;
  }
  return commands;
}

/** The output of a unit from a command's beginning on. */
export function partFrom({ logFile, from = 0 }: UnitOutput): LogPart {
  return { file: logFile, from };
}

/** Up to the beginning of the next command with the same file: the same step, after a restart or a reboot. */
function partOf(unit: UnitOutput, later: readonly RunEvent[]): LogPart {
  const next = later.find(
    (event): event is Started => event.type === "command-started" && event.unit?.logFile === unit.logFile,
  );
  const to = next?.unit?.from;
  return { ...partFrom(unit), ...(to === undefined ? {} : { to }) };
}

function endedWell({ stage }: Started, later: readonly RunEvent[]): boolean {
  const end = later.find(
    (event): event is Extract<RunEvent, { type: "stage-finished" }> =>
      event.type === "stage-finished" && event.stage === stage,
  );
  return end !== undefined && end.error === undefined;
}
