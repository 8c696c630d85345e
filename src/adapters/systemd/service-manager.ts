import { unwatched } from "../host/command-watch.ts";
import { exec } from "../host/exec.ts";
import { MusterError } from "../../domain/errors/errors.ts";
import { programs } from "../../domain/settings/paths.ts";
import type { ServiceManager } from "../../ports/service-manager.ts";
import { createNotifier } from "./notifier.ts";
import { writeOrder } from "./order.ts";

/** systemd's variables for a supervised process: sd_notify(3), sd_watchdog_enabled(3). */
export type Supervision = {
  readonly pid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
};

const systemctlMs = 60_000;

const { signal: never } = new AbortController();

/**
 * systemd, through its own programs.
 * @param supervision of the process that has to be the direct parent of the children here
 * @param dropIns the directory of runtime drop-ins, normally /run/systemd/system
 */
export function createServiceManager(supervision: Supervision, dropIns: string): ServiceManager {
  const notifier = createNotifier(supervision.env["NOTIFY_SOCKET"]);
  return {
    reloading: () => notifier.send({ RELOADING: "1" }),
    ready: () => notifier.send({ READY: "1" }),
    status: (text) => notifier.queue({ STATUS: text }),
    stopping: () => notifier.send({ STOPPING: "1" }),
    watchdogMs: () => watchdogMs(supervision),
    alive: () => notifier.send({ WATCHDOG: "1" }),
    start,
    stop: (unit) => systemctl("--no-block", "stop", unit),
    orderAfter: (unit, others, stopWithinMs) =>
      writeOrder({ unit, after: others, stopWithinMs }, dropIns, () => reload(unit)),
    waitForCloudInit,
  };
}

/** Half of systemd's limit, as sd_watchdog_enabled(3) advises. */
function watchdogMs({ pid, env }: Supervision): number | undefined {
  const forPid = env["WATCHDOG_PID"];
  if (forPid !== undefined && Number(forPid) !== pid) return undefined;
  const micros = Number(env["WATCHDOG_USEC"] ?? 0);
  return micros > 0 ? Math.max(1, Math.floor(micros / 2000)) : undefined;
}

async function start(unit: string): Promise<void> {
  try {
    await systemctl("--no-block", "start", unit);
  } catch (error) {
    // The machine may begin to go down at any moment, so a refusal is no error.
    if (!(await goesDown())) throw error;
  }
}

async function goesDown(): Promise<boolean> {
  const argv = [programs.systemctl, "is-system-running"] as const;
  const { stdout } = await unwatched(() => exec({ argv, timeoutMs: systemctlMs, signal: never }));
  return stdout.trim() === "stopping";
}

async function systemctl(...args: readonly string[]): Promise<void> {
  await ask(args);
}

async function ask(args: readonly string[]): Promise<string> {
  // It follows a stage, but is not part of the stage's work.
  const result = await unwatched(() =>
    exec({ argv: [programs.systemctl, ...args], timeoutMs: systemctlMs, signal: never }),
  );
  if (result.outcome === "exited" && result.code === 0) return result.stdout;
  const why = result.outcome === "exited" ? result.stderr.trim() : result.outcome;
  throw new MusterError({
    code: "systemd-failed",
    message: `"systemctl ${args.join(" ")}" failed: ${why}`,
    hint: "Look at what systemd says with systemctl status, and at the journal of this boot.",
    transient: true,
  });
}

/** Makes systemd read the files of the unit, if it has not done so already. */
async function reload(unit: string): Promise<void> {
  const stale = await ask(["show", "--property=NeedDaemonReload", "--value", unit]);
  if (stale.trim() !== "no") await ask(["daemon-reload"]);
}

async function waitForCloudInit(deadlineMs: number, signal: AbortSignal): Promise<"absent" | "done" | "timed-out"> {
  // Its exit code is the result of cloud-init, which is not judged here.
  const argv = [programs.cloudInit, "status", "--wait"] as const;
  const result = await exec({ argv, timeoutMs: deadlineMs, signal, beginning: true });
  if (result.outcome === "missing") return "absent";
  return result.outcome === "timed-out" ? "timed-out" : "done";
}
