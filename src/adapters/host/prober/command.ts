import type { CheckTarget } from "../../../domain/health/check.ts";
import { programs } from "../../../domain/settings/paths.ts";
import { formatSize } from "../../../domain/text/units.ts";
import type { ExecRequest, ExecResult } from "../exec.ts";
import { excerpt, type Seen } from "./seen.ts";

type CommandTarget = CheckTarget<"command">;

const maxOutput = 1024 * 1024;

/** Runs a command to its end, and keeps the beginning of its output. */
export type RunCommand = (
  request: Pick<ExecRequest, "argv" | "timeoutMs" | "signal"> & { readonly maxBytes: number; readonly beginning: true },
) => Promise<ExecResult>;

/** Runs the command; through a shell only if the operator wrote a shell line. */
export async function probeCommand(
  target: CommandTarget,
  timeoutMs: number,
  signal: AbortSignal,
  runCommand: RunCommand,
): Promise<Seen> {
  const { run } = target;
  const argv = "shell" in run ? ([programs.shell, "-c", run.shell] as const) : run.argv;
  const ended = await runCommand({ argv, timeoutMs, signal, maxBytes: maxOutput, beginning: true });
  switch (ended.outcome) {
    case "missing":
      return { ok: false, seen: `no program ${argv[0]}` };
    case "killed":
      return { ok: false, seen: withOutput("an end by a signal", ended) };
    case "timed-out":
      return { ok: false, seen: "no end" };
    case "exited":
      return judge(target, ended);
  }
}

function judge(target: CommandTarget, ended: ExecResult): Seen {
  const lacks = target.contains !== undefined && !`${ended.stdout}\n${ended.stderr}`.includes(target.contains);
  const seen = withOutput(`exit ${ended.code}`, ended);
  return { ok: ended.code === target.exit && !lacks, seen };
}

function withOutput(how: string, ended: ExecResult): string {
  const output = excerpt(`${ended.stdout}\n${ended.stderr}`);
  if (output === "") return how;
  const cut = ended.cut === true ? ` (only the first ${formatSize(maxOutput)} of its output was looked at)` : "";
  return `${how}: ${output}${cut}`;
}
