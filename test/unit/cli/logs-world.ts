// A machine with recorded runs, and `muster logs` on it.
import type { LogsDeps } from "../../../src/cli/terminal/follow-story.ts";
import { logsCommand } from "../../../src/cli/commands/logs.ts";
import { runProgram } from "../../../src/cli/program.ts";
import type { RunEvent } from "../../../src/domain/run/events.ts";
import { createFakeIo, type FakeIo } from "../../fakes/command-io.ts";
import { aptUpgrade, eventsOf, puppet } from "./story.ts";
import { createFakeRecordings } from "../../fakes/recordings.ts";

export type World = LogsDeps & {
  readonly runs: Map<string, readonly RunEvent[]>;
  /** Lines of unit logs, by file; three bytes a line. */
  readonly logs: Map<string, string[]>;
  unreadable: number;
  /** What happens while nobody looks; when it is empty, Ctrl-C. */
  readonly later: (() => void)[];
};

function createWorld(io: FakeIo): World {
  const runs = new Map<string, readonly RunEvent[]>();
  const logs = new Map<string, string[]>();
  const later: (() => void)[] = [];
  const world: World = {
    runs,
    logs,
    later,
    unreadable: 0,
    recordings: createFakeRecordings(
      () => runs,
      () => world.unreadable,
    ),
    recordedBytes: (run) => runs.get(run)?.length ?? 0,
    openPrinted({ file, from, to }, onLine) {
      let next = from / 3;
      return {
        async read() {
          const lines = logs.get(file);
          for (const line of lines?.slice(next, to === undefined ? undefined : to / 3) ?? []) {
            onLine(line);
            next += 1;
          }
          return lines !== undefined;
        },
        end: () => undefined,
      };
    },
    async sleep(_ms, signal) {
      const step = later.shift();
      if (step === undefined) io.interrupt();
      else step();
      signal.throwIfAborted();
    },
    unread: new AbortController().signal,
  };
  return world;
}

export async function logs(
  words: string,
  prepare: (world: World) => void,
  given: Parameters<typeof createFakeIo>[0] = {},
) {
  const io = createFakeIo(given);
  const world = createWorld(io);
  prepare(world);
  const program = { version: "muster", commands: { logs: async () => logsCommand(world) } };
  const status = await runProgram(program, ["logs", ...words.split(" ").filter(Boolean)], io);
  return { status, out: io.stdout(), err: io.stderr() };
}

export const twelve = Array.from({ length: 12 }, (_, index) => `${index + 1}`.padStart(2, " "));

/** A run that Puppet failed, after an upgrade that went well. */
export function failing(world: World): void {
  world.runs.set("0001-abcd", eventsOf("0001-abcd", aptUpgrade(0), puppet(4)));
  world.logs.set(aptUpgrade.file, [...twelve]);
  world.logs.set(puppet.file, ["Notice: Compiled catalog", "Error: no such package", "Notice: Applied"]);
}
