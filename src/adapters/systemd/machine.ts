import { readFile } from "node:fs/promises";
import { MusterError } from "../../domain/errors/errors.ts";
import { programs } from "../../domain/settings/paths.ts";
import type { Machine } from "../../ports/machine.ts";
import { exec } from "../host/exec.ts";

/** logind writes it for `shutdown +5` and removes it when that is cancelled; in /run, so a boot removes it. */
const scheduleFile = "/run/systemd/shutdown/scheduled";

const askMs = 30_000;
/** Longer than systemd's own limits to stop and to start a service. */
const restartMs = 5 * 60_000;

const { signal: never } = new AbortController();

/** The machine through systemd. */
export function createMachine(): Machine {
  return {
    async hasScheduledReboot() {
      const text = await readFile(scheduleFile, "utf8").catch(() => "");
      return /^MODE=(reboot|kexec|soft-reboot)$/m.test(text);
    },
    reboot: () => ask([programs.systemctl, "--no-block", "reboot"]),
    cancelReboot: () => ask([programs.shutdown, "-c"]),
    restartServices,
  };
}

/** In one call, so that systemd orders them and restarts nothing twice. */
async function restartServices(units: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const argv = [programs.systemctl, "try-restart", "--", ...units] as const;
  const { outcome, code, stderr } = await exec({ argv, timeoutMs: restartMs, signal, label: "systemctl try-restart" });
  if (outcome === "exited" && code === 0) return new Map();
  const lines = outcome === "exited" ? stderr.split("\n").map((line) => line.trim()) : [];
  const failed = units.flatMap((unit) => {
    const line = lines.find((each) => each.includes(` ${unit} `) || each.includes(` ${unit}:`));
    return line === undefined ? [] : [[unit, line] as const];
  });
  if (failed.length > 0) return new Map(failed);
  const why = outcome === "exited" ? (lines.find((line) => line !== "") ?? `exit ${code}`) : outcome;
  return new Map(units.map((unit) => [unit, why]));
}

async function ask(argv: readonly [string, ...string[]]): Promise<void> {
  const label = argv.join(" ");
  // Its exit code decides; its output does not stop a requested reboot.
  const result = await exec({ argv, timeoutMs: askMs, signal: never, label, beginning: true });
  if (result.outcome === "exited" && result.code === 0) return;
  const why = result.outcome === "exited" ? result.stderr.trim() : result.outcome;
  throw new MusterError({
    code: "reboot-failed",
    message: `"${argv.join(" ")}" failed: ${why}`,
    hint: "See what forbids it with systemd-inhibit --list and systemctl list-jobs; systemctl reboot by hand goes on with the run.",
    transient: true,
  });
}
