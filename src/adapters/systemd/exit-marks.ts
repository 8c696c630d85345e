import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { MusterError } from "../../domain/errors/errors.ts";
import { programs } from "../../domain/settings/paths.ts";
import type { UnitExit } from "../../ports/unit-runner.ts";
import { replaceFile } from "../host/handles/replace-file.ts";
import { endScript } from "./end-script.ts";

/** From SIGTERM to SIGKILL. dpkg finishes its present package. */
export const graceSeconds = 30;

/**
 * How units ended in this boot. systemd itself leaves the mark, by an `ExecStopPost=` that makes
 * `NAME@RESULT.CODE.STATUS` (systemd.exec(5), `$SERVICE_RESULT`, `$EXIT_CODE`, `$EXIT_STATUS`): an empty file
 * whose name says it all, so it is there or not, never half. It lies in /run: a boot forgets it, as it
 * forgot the work. The mark appears when the command has exited, whatever it left in the background; after any other
 * end when the last process of the unit is gone (end-script.ts).
 *
 * The variables stand in a file and not in the unit: a daemon-reload, which Puppet and dpkg cause, has systemd
 * read back the unit that it wrote itself, and 252 as well as 257 then take its dollar signs for another thing.
 */
export type ExitMarks = {
  readonly directory: string;
  /** Makes the directory and its files. */
  prepare(): Promise<void>;
  /** The exit in the unit's mark; undefined without one. */
  read(name: string): Promise<UnitExit | undefined>;
  remove(name: string): Promise<void>;
  /** The command that systemd runs when a unit of this name is stopped, or its command has exited. */
  stopCommand(name: string): string;
  /** The command that systemd runs last. */
  markCommand(name: string): string;
  /** The same for a unit without a mark: prints `word`, a blank, and the content of a mark. */
  reportCommand(name: string, word: string): string;
  /** A glob that matches this unit's mark. */
  glob(name: string): string;
};

export function createExitMarks(directory: string): ExitMarks {
  const script = join(directory, "mark.sh");

  async function marksOf(name: string): Promise<readonly string[]> {
    const names = await readdir(directory);
    return names.filter((file) => file.startsWith(`${name}@`));
  }

  return {
    directory,
    async prepare() {
      try {
        // In one step: a unit may be reading it.
        await replaceFile(script, endScript(graceSeconds), { mode: 0o600, directoryMode: 0o700 });
      } catch (error) {
        throw unwritable(directory, error);
      }
    },
    async read(name) {
      const [mark] = await marksOf(name);
      return mark === undefined ? undefined : exitOf(mark.slice(name.length + 1));
    },
    async remove(name) {
      for (const mark of await marksOf(name)) await rm(join(directory, mark), { force: true });
    },
    stopCommand: (name) => `${programs.shell} ${script} ${directory}/${name} stopping`,
    markCommand: (name) => `${programs.shell} ${script} ${directory}/${name}`,
    reportCommand: (name, word) => `${programs.shell} ${script} ${directory}/${name} telling ${word}`,
    glob: (name) => `${directory}/${name}@*`,
  };
}

function unwritable(directory: string, error: unknown): MusterError {
  return new MusterError({
    code: "state-write-failed",
    message: `Cannot write in ${directory}: ${error instanceof Error ? error.message : String(error)}`,
    hint: "Check free space (df -h, df -i), and that muster runs as root.",
    cause: error,
    transient: true,
  });
}

const notExecuted = "203";

/** systemd's own exit codes for failures before the program ran: systemd.exec(5), "Process Exit Codes". */
const startFailures: Readonly<Record<string, string>> = {
  "200": "its working directory could not be entered",
  [notExecuted]: "the program could not be executed",
  "209": "its output file could not be opened",
  "219": "its control group could not be set up",
  "222": "its output file could not be opened",
};

/**
 * @param mark `RESULT.CODE.STATUS`, as `success.exited.0`, `signal.killed.KILL`, `timeout.killed.TERM`;
 *   code and status are empty when no process was ever started
 */
export function exitOf(mark: string): UnitExit {
  const [result = "", code = "", status = ""] = mark.split(".");
  // The program may answer SIGTERM with an exit code of its own: the reason counts, not the code.
  if (result === "timeout") return { kind: "timed-out" };
  if (result === "oom-kill") return { kind: "lost", why: "the kernel killed it for want of memory" };
  if (code === "exited" && /^\d+$/.test(status)) {
    const why = startFailures[status];
    if (why === undefined) return { kind: "exited", code: Number(status) };
    return { kind: "lost", why, ...(status === notExecuted ? { notExecuted: true } : {}) };
  }
  if ((code === "killed" || code === "dumped") && status !== "") return { kind: "killed", signal: `SIG${status}` };
  return { kind: "lost", why: `systemd says "${result}"` };
}
