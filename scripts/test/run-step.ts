import { spawn, type ChildProcess } from "node:child_process";
import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { readReport, sum, type Tally } from "./tally.ts";
import type { Step } from "./steps.ts";

export interface Outcome extends Tally {
  readonly step: string;
  readonly seconds: number;
  /** Why the step did not run to its end. */
  readonly note?: string;
}

/**
 * Runs one step, at most until its limit or `deadline` (of `performance.now()`), whichever is first.
 * A step with shards runs them side by side. `cancel` ends it at once.
 */
export async function runStep(step: Step, deadline: number, cancel: AbortSignal): Promise<Outcome> {
  const began = performance.now();
  const limit = Math.min(step.minutes * 60_000, deadline - began);
  const parts = await Promise.all(partsOf(step).map(async (part) => runPart(part, limit, cancel)));
  const seconds = (performance.now() - began) / 1000;
  const note = parts.find((part) => part.note !== undefined)?.note;
  return { step: step.name, seconds, ...sum(parts), ...(note === undefined ? {} : { note }) };
}

interface Part {
  readonly command: Step["command"];
  readonly report?: string;
}

function partsOf(step: Step): Part[] {
  const { report, shards = 1 } = step;
  if (report === undefined) return [{ command: step.command }];
  return Array.from({ length: shards }, (_, at) => {
    const own = shards === 1 ? report : report.replace(/\.json$/, `-${at + 1}.json`);
    const flags = [`--outputFile.json=${own}`, ...(shards === 1 ? [] : [`--shard=${at + 1}/${shards}`])];
    return { command: [...step.command, ...flags], report: own };
  });
}

async function runPart(
  { command, report }: Part,
  limit: number,
  cancel: AbortSignal,
): Promise<Tally & { readonly note?: string }> {
  if (report !== undefined) rmSync(report, { force: true });
  const { status, note } = await runGroup(command, limit, cancel);
  if (note !== undefined) return { ...once(false), note };
  return report === undefined ? once(status === 0) : readReport(report, status);
}

/** A step that is one test. */
function once(passed: boolean): Tally {
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0, failures: [] };
}

interface End {
  readonly status: number;
  /** Why it was ended, if it did not end by itself. */
  readonly note?: string;
}

async function runGroup([program, ...args]: Step["command"], limit: number, cancel: AbortSignal): Promise<End> {
  // A group of its own, so that ending the step ends what it started too.
  const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"], detached: true });
  const ended = exitOf(child, program);
  const settled = new AbortController();
  const patience = sleep(limit, `ended after ${Math.round(limit / 1000)} s`, {
    signal: AbortSignal.any([cancel, settled.signal]),
  }).catch(() => "cancelled");
  const first = await Promise.race([ended, patience]);
  settled.abort();
  if (typeof first === "string") {
    endGroup(child, "SIGTERM");
    await Promise.race([ended, sleep(10_000, undefined, { ref: false })]);
  }
  endGroup(child, "SIGKILL");
  const status = await ended;
  return typeof first === "string" ? { status, note: first } : { status };
}

async function exitOf(child: ChildProcess, program: string): Promise<number> {
  return new Promise((resolve) => {
    child.once("exit", (code) => resolve(code ?? 1));
    child.once("error", (error) => {
      console.error(`cannot start ${program}: ${error.message}`);
      resolve(127);
    });
  });
}

function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody is left in the group.
  }
}
