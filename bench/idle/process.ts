// What a process holds and uses, as its kernel counts it.
import type { Instance } from "../../test/lab/instance.ts";

/** Of one moment; CPU and wake-ups are counted from the process's start. */
export interface Look {
  /** Megabytes that are its own alone and cannot be read back from a file. */
  readonly anonymous: number;
  /** Megabytes, what it shares divided by those who share it. */
  readonly pss: number;
  /** Seconds of CPU of the process itself, user and system. */
  readonly cpu: number;
  /** Seconds of CPU of the commands that it ran and that have ended. */
  readonly children: number;
  /** How often it went to sleep, all threads together. */
  readonly sleeps: number;
}

/** The kernel's clock tick, in seconds: 100 a second on every architecture that Debian runs on. */
const tick = 0.01;

/** The main process of a unit; it must stay the same one while it is measured. */
export async function mainProcess(instance: Instance, unit: string): Promise<number> {
  const { stdout } = await instance.exec(["systemctl", "show", "--property=MainPID", "--value", unit]);
  const pid = Number(stdout);
  if (!(pid > 0)) throw new Error(`${unit} has no main process`);
  return pid;
}

/** @throws when the process is gone */
export async function look(instance: Instance, pid: number): Promise<Look> {
  const [rollup, stat, status] = await Promise.all([
    instance.readFile(`/proc/${pid}/smaps_rollup`),
    instance.readFile(`/proc/${pid}/stat`),
    instance.exec(`cat /proc/${pid}/task/*/status`),
  ]);
  // proc_pid_stat(5): the name stands in parentheses and may hold anything; utime is the 14th field.
  const [, , , , , , , , , , , user, system, childUser, childSystem] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const sleeps = [...status.stdout.matchAll(/^voluntary_ctxt_switches:\s+(\d+)$/gm)].map(([, count]) => Number(count));
  return {
    anonymous: megabytes(rollup, "Anonymous"),
    pss: megabytes(rollup, "Pss"),
    cpu: (known(user) + known(system)) * tick,
    children: (known(childUser) + known(childSystem)) * tick,
    sleeps: sleeps.reduce((sum, count) => sum + count, 0),
  };
}

function megabytes(rollup: string, name: string): number {
  return known(Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(rollup)?.[1])) / 1024;
}

function known(value: number | undefined): number {
  if (value === undefined || Number.isNaN(value)) throw new Error("/proc tells it in another way than was expected");
  return value;
}
