import type { CheckResult, CheckTarget } from "../../../domain/check.ts";
import { redact } from "../../../domain/redact.ts";
import { formatDuration } from "../../../domain/units.ts";
import { answerWithin } from "../../../lib/async/deadline.ts";
import type { Prober } from "../../../ports/prober.ts";
import { exec } from "../exec.ts";
import { timer } from "../timer.ts";
import { probeCommand, type RunCommand } from "./command.ts";
import { expectedOf } from "./expected.ts";
import { probeFile } from "./file.ts";
import { probeHttp } from "./http.ts";
import { probeProcess } from "./process.ts";
import { probeDisk, probeMemory, probeMount } from "./resources.ts";
import { wordsOf, type Seen } from "./seen.ts";
import { probeTcp } from "./tcp.ts";
import { probeUnit } from "./unit.ts";

/**
 * Looks at the machine that it runs on. A look ends by itself, with its time-out or with the abort, whichever is first.
 * What is looked at in this process is the kernel's own (/proc), which waits for no disk; paths of the check are looked
 * at by children, left behind.
 * @param procDirectory where proc is mounted; tests bring their own
 * @param runCommand where operators' commands run: the daemon's own children would be in its sandbox
 */
export function createProber(procDirectory = "/proc", runCommand: RunCommand = exec): Prober {
  return {
    async probe(target, timeoutMs, signal) {
      signal.throwIfAborted();
      const found = await answerWithin(timeoutMs, timer, signal, (bounded) =>
        look(target, { procDirectory, runCommand }, timeoutMs, bounded).catch(broken),
      );
      if (found !== "late") return resultOf(found, target);
      return resultOf({ ok: false, seen: `no answer within ${formatDuration(timeoutMs)}` }, target);
    },
  };
}

function look(
  target: CheckTarget,
  { procDirectory, runCommand }: { readonly procDirectory: string; readonly runCommand: RunCommand },
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Seen> {
  switch (target.kind) {
    case "http":
      return probeHttp(target, signal);
    case "tcp":
      return probeTcp(target, signal);
    case "unit":
      return probeUnit(target, timeoutMs, signal);
    case "command":
      return probeCommand(target, timeoutMs, signal, runCommand);
    case "process":
      return probeProcess(target, procDirectory);
    case "disk":
      return probeDisk(target, { timeoutMs, signal });
    case "memory":
      return probeMemory(target, procDirectory);
    case "mount":
      return probeMount(target, procDirectory);
    case "file":
      return probeFile(target, { timeoutMs, signal });
  }
}

/** Whatever goes wrong in looking is what was seen. */
function broken(error: unknown): Seen {
  return { ok: false, seen: wordsOf(error) };
}

function resultOf(found: Seen, target: CheckTarget): CheckResult {
  // The run's journal remembers it, besides all that is told.
  const seen = redact(found.seen);
  return found.ok ? { ok: true, seen } : { ok: false, expected: redact(expectedOf(target)), seen };
}
