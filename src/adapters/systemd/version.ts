import { MusterError } from "../../domain/errors/errors.ts";
import { programs } from "../../domain/settings/paths.ts";
import { exec } from "../host/exec.ts";

/** The first with `Type=exec` and `StandardOutput=append:`, which every command of a run needs. */
export const leastSystemd = 240;

type Run = typeof exec;

const askMs = 10_000;

/**
 * Whether this systemd can run muster's units; RHEL 8 calls its own 239 and has both since 8.7. If it does not answer,
 * the first command that has to run reports it.
 * @throws MusterError `systemd-too-old`
 */
export async function requireSystemd(signal: AbortSignal, run: Run = exec): Promise<void> {
  const { stdout } = await run({ argv: [programs.systemctl, "--version"], timeoutMs: askMs, signal });
  const version = Number(/^systemd (\d+)/.exec(stdout)?.[1] ?? Number.NaN);
  if (Number.isNaN(version) || version >= leastSystemd) return;
  const properties = ["--property=StandardOutput=append:/dev/null", "--property=CollectMode=inactive-or-failed"];
  const argv: [string, ...string[]] = [programs.systemdRun, "--quiet", "--service-type=exec", ...properties, "true"];
  const { outcome, code } = await run({ argv, timeoutMs: askMs, signal });
  if (outcome === "exited" && code === 0) return;
  throw new MusterError({
    code: "systemd-too-old",
    message: `This machine has systemd ${version}, and muster needs ${leastSystemd} or newer`,
    hint: "Take an image of a newer release: Debian 10, Ubuntu 20.04, RHEL 8.7, Amazon Linux 2023 or later.",
  });
}
