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
 * Where the output of units stands among the events. The time of each line is not recorded, so the output stands in
 * place of the command's end; without an end, behind its beginning. What a command printed and whether it went well
 * is only known from later events: all events are noted first, and told afterwards.
 */
export type PrintedIndex = {
  /** The next event. */
  note(event: RunEvent): void;
  /** What stands in place of the event: itself, or a command's output, or both. Events are told in the order of `note`. */
  told(event: RunEvent): readonly (RunEvent | Printed)[];
};

/** What is known of a command that runs as a unit. */
type Noted = {
  readonly unit: UnitOutput;
  readonly stage: Started["stage"];
  /** Place of its end among the events. */
  end?: number;
  code?: number;
  /** Whether a later command writes to the same file; `to` is where that begins. */
  followed?: { readonly to?: number };
  /** Whether its stage ended without an error. */
  stageWell?: boolean;
};

export function createPrintedIndex(): PrintedIndex {
  const notes = createNotes();
  const begun = new Map<Noted, Started>();
  let place = 0;

  function printed(noted: Noted, begin: Started, end: Finished | undefined): Printed {
    const to = noted.followed?.to;
    return {
      type: "printed",
      begin,
      ...(end && { end }),
      part: { ...partFrom(noted.unit), ...(to === undefined ? {} : { to }) },
      fine: noted.code !== undefined && (noted.code === 0 || noted.stageWell === true),
    };
  }

  return {
    note: (event) => notes.add(event),
    told(event) {
      const at = place++;
      const opened = notes.begunAt.get(at);
      if (opened !== undefined && event.type === "command-started") {
        if (opened.end === undefined) return [event, printed(opened, event, undefined)];
        begun.set(opened, event);
      }
      const closed = notes.endedAt.get(at);
      const begin = closed && begun.get(closed);
      if (closed === undefined || begin === undefined || event.type !== "command-finished") return [event];
      begun.delete(closed);
      return [printed(closed, begin, event)];
    },
  };
}

/** Notes the commands that run as units, by the places of their beginnings and ends. */
function createNotes() {
  const begunAt = new Map<number, Noted>();
  const endedAt = new Map<number, Noted>();
  /** The latest command of each id: ids begin anew with each process of the agent. Undefined: it is no unit, or ended. */
  const latest = new Map<number, Noted | undefined>();
  const lastOfFile = new Map<string, Noted>();
  /** Units whose stage has not ended since they began. */
  const inStage = new Map<Started["stage"], Noted[]>();
  let place = 0;

  function begin({ id, unit, stage }: Started): void {
    const noted = unit && { unit, stage };
    latest.set(id, noted);
    if (noted === undefined) return;
    begunAt.set(place, noted);
    const before = lastOfFile.get(noted.unit.logFile);
    // The same step, after a restart or a reboot.
    if (before !== undefined) before.followed = noted.unit.from === undefined ? {} : { to: noted.unit.from };
    lastOfFile.set(noted.unit.logFile, noted);
    inStage.set(stage, [...(inStage.get(stage) ?? []), noted]);
  }

  function end(event: Finished): void {
    const noted = latest.get(event.id);
    if (noted === undefined) return;
    latest.set(event.id, undefined);
    noted.end = place;
    if (event.ended === "exited") noted.code = event.code;
    endedAt.set(place, noted);
  }

  return {
    begunAt,
    endedAt,
    add(event: RunEvent): void {
      if (event.type === "command-started") begin(event);
      if (event.type === "command-finished") end(event);
      if (event.type === "stage-finished") {
        for (const noted of inStage.get(event.stage) ?? []) noted.stageWell = event.error === undefined;
        inStage.delete(event.stage);
      }
      place += 1;
    },
  };
}

/** The output of a unit from a command's beginning on. */
export function partFrom({ logFile, from = 0 }: UnitOutput): LogPart {
  return { file: logFile, from };
}
