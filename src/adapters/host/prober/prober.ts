import type { CheckResult, CheckTarget } from "../../../domain/health/check.ts";
import { redact } from "../../../domain/redact/redact.ts";
import { formatDuration } from "../../../domain/text/units.ts";
import { answerWithin } from "../../../lib/async/deadline.ts";
import type { Prober } from "../../../ports/prober.ts";
import { exec } from "../exec.ts";
import { timer } from "../timer.ts";
import type { RunCommand } from "./command.ts";
import { expectedOf, look } from "./kinds.ts";
import { wordsOf, type Seen } from "./seen.ts";
import { lastWordsOfUnit } from "./unit-log.ts";
import { createUnitObserver } from "./unit-observer.ts";

/**
 * Checks this machine. An attempt ends with its time-out or with the abort. Reads in this process are of the kernel's
 * own files (/proc), which need no disk; paths of a check are read by child processes, which may be left behind.
 * @param procDirectory the mount point of proc; tests use their own
 * @param runCommand runs operators' commands: the daemon's own children would be in its sandbox
 */
export function createProber(procDirectory = "/proc", runCommand: RunCommand = exec): Prober {
  const observeUnit = createUnitObserver();
  return {
    async probe(target, timeoutMs, signal) {
      signal.throwIfAborted();
      const found = await answerWithin(timeoutMs, timer, signal, (bounded) =>
        look(target, { procDirectory, runCommand, observeUnit, timeoutMs, signal: bounded }).catch(broken),
      );
      if (found !== "late") return resultOf(found, target);
      return resultOf({ ok: false, seen: `no answer within ${formatDuration(timeoutMs)}` }, target);
    },
    async lastWords(target) {
      return target.kind === "unit" ? lastWordsOfUnit(target.unit, runCommand).catch(() => undefined) : undefined;
    },
  };
}

/** An error while checking becomes the seen result. */
function broken(error: unknown): Seen {
  return { ok: false, seen: wordsOf(error) };
}

function resultOf(found: Seen, target: CheckTarget): CheckResult {
  // The run's journal keeps it, besides the other records.
  const seen = redact(found.seen);
  return found.ok ? { ok: true, seen } : { ok: false, expected: redact(expectedOf(target)), seen };
}
