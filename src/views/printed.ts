import type { RunEvent, UnitOutput } from "../domain/events.ts";

type Started = Extract<RunEvent, { type: "command-started" }>;
type Finished = Extract<RunEvent, { type: "command-finished" }>;

/** A part of the file to which a unit's output goes, in bytes; without `to` all the rest. */
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

/** What such a command printed. */
export type Printed = UnitCommand & {
  readonly type: "printed";
  readonly part: LogPart;
  /** Nobody has to read it: the command exited with 0, or its stage went on from another code (Puppet's 2). */
  readonly fine: boolean;
};

/**
 * Puts what units printed to where it belongs. Nobody recorded when each line was, so it stands in the place of the
 * command's end; where there is none, behind its beginning.
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

/** What a unit prints from a command's beginning on. */
export function partFrom({ logFile, from = 0 }: UnitOutput): LogPart {
  return { file: logFile, from };
}

/** Up to where the next command that writes to the same file begins: the same step, after a restart or a reboot. */
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
