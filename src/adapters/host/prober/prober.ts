import type { CheckResult, CheckTarget } from "../../../domain/check.ts";
import { redact } from "../../../domain/redact.ts";
import { formatDuration } from "../../../domain/units.ts";
import { answerWithin } from "../../../lib/async/deadline.ts";
import type { Prober } from "../../../ports/prober.ts";
import { exec } from "../exec.ts";
import { timer } from "../timer.ts";
import type { RunCommand } from "./command.ts";
import { expectedOf, look } from "./kinds.ts";
import { wordsOf, type Seen } from "./seen.ts";

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
        look(target, { procDirectory, runCommand, timeoutMs, signal: bounded }).catch(broken),
      );
      if (found !== "late") return resultOf(found, target);
      return resultOf({ ok: false, seen: `no answer within ${formatDuration(timeoutMs)}` }, target);
    },
  };
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
