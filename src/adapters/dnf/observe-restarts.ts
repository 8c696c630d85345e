import { readFile } from "node:fs/promises";
import { release } from "node:os";
import type { RebootState } from "../../ports/package-manager.ts";
import { rpm, type Argv } from "./flavour.ts";
import { queryAny } from "./query.ts";
import { isUnknownCommand, judgeReboot, kernelsFormat, parseKernels, parseServices } from "./restarts.ts";

/** @param hints the commands to try, the best first: a later one if the one before is unknown */
export async function observeRestarts(hints: readonly Argv[], signal: AbortSignal): Promise<RebootState> {
  const [said, container, kernels] = await Promise.all([
    firstAnswer(hints, signal),
    readFile("/run/systemd/container", "utf8").catch(() => undefined),
    queryAny(rpm.kernels(kernelsFormat), "rpm --query", signal),
  ]);
  return judgeReboot({
    said,
    release: container === undefined ? release() : undefined,
    kernels: parseKernels(kernels.stdout),
  });
}

async function firstAnswer(hints: readonly Argv[], signal: AbortSignal): Promise<string | undefined> {
  let last: string | undefined;
  for (const argv of hints) {
    const { outcome, stdout, stderr } = await queryAny(argv, "needs-restarting", signal);
    if (outcome === "missing" || isUnknownCommand(stderr + stdout)) continue;
    last = `${stdout}\n${stderr}`;
    if (/[Rr]eboot/.test(stdout)) return last;
  }
  return last;
}

export async function servicesToRestart(argv: Argv, signal: AbortSignal): Promise<readonly string[]> {
  return parseServices((await queryAny(argv, "needs-restarting", signal)).stdout);
}
