import { readFile } from "node:fs/promises";
import { MusterError } from "../../domain/errors.ts";
import { programs } from "../../domain/paths.ts";
import type { Machine } from "../../ports/machine.ts";
import { exec } from "../host/exec.ts";

/** logind writes it for `shutdown +5` and takes it away when that is cancelled; in /run, so a boot forgets it. */
const scheduleFile = "/run/systemd/shutdown/scheduled";

const askMs = 30_000;

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
  };
}

async function ask(argv: readonly [string, ...string[]]): Promise<void> {
  const result = await exec({ argv, timeoutMs: askMs, signal: never, label: argv.join(" ") });
  if (result.outcome === "exited" && result.code === 0) return;
  const why = result.outcome === "exited" ? result.stderr.trim() : result.outcome;
  throw new MusterError({
    code: "reboot-failed",
    message: `"${argv.join(" ")}" failed: ${why}`,
    hint: "See what forbids it with systemd-inhibit --list and systemctl list-jobs; systemctl reboot by hand goes on with the run.",
    transient: true,
  });
}
