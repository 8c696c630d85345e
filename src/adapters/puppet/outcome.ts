import { open } from "node:fs/promises";
import { stripVTControlCharacters } from "node:util";
import { MusterError } from "../../domain/errors/errors.ts";
import { namedResources } from "../../domain/run/drift.ts";
import type { EngineDrift, EngineResult } from "../../ports/engine.ts";
import type { UnitExit } from "../../ports/unit-runner.ts";
import type { RunPlaces } from "./command.ts";
import { takeNoopResources } from "./catalogue.ts";
import { readFindings, type Findings } from "./messages.ts";
import { readSummary, type Summary } from "./summary.ts";
import { brief } from "./words.ts";

/** The facts of a run that has ended. */
export type Ended = {
  readonly exit: UnitExit;
  readonly places: RunPlaces;
  /** Puppet's whole output. */
  readonly log: string;
  /** The worktree. */
  readonly directory: string;
};

/**
 * The meaning of a run that ended: exit codes 0, 2, 4 and 6 come with a result (4: resources failed), all others have
 * no result.
 * @throws MusterError `converge-compile-failed`, `converge-failed`
 */
export async function outcomeOf(ended: Ended): Promise<EngineResult> {
  const { code, summary, findings } = await reportOf(ended);
  return resultOf(code, summary, findings, ended.log);
}

/** The findings of a comparison, which exits with 0 in any case. @throws MusterError as `outcomeOf` */
export async function driftOf(ended: Ended): Promise<EngineDrift> {
  // Read first, because that removes it, however the run ended.
  const noop = await takeNoopResources(ended.places.catalogues);
  const { summary, findings } = await reportOf(ended);
  const [left, meant] = [[...findings.drifted].filter((name) => !noop.has(name)), noop.intersection(findings.drifted)];
  return {
    drifted: Math.max(0, summary.outOfSync - meant.size - summary.counts.changed),
    resources: left.slice(0, namedResources),
    changed: summary.counts.changed,
  };
}

type RunReport = { readonly code: number; readonly summary: Summary; readonly findings: Findings };

async function reportOf(ended: Ended): Promise<RunReport> {
  const code = codeOf(ended);
  const findings = await readFindings(ended.places.messages, ended.directory);
  if (![0, 2, 4, 6].includes(code)) throw await failed(ended, code, findings);
  const summary = await readSummary(ended.places.summary);
  if (summary === undefined) {
    throw convergeFailed(ended, "Puppet ended without a report of its run", "Is there space left on /run?");
  }
  return { code, summary, findings };
}

function codeOf(ended: Ended): number {
  const { exit } = ended;
  switch (exit.kind) {
    case "exited":
      return exit.code;
    case "killed":
      throw convergeFailed(ended, `Puppet was killed by ${exit.signal}`);
    case "timed-out":
      throw convergeFailed(
        ended,
        "Puppet took longer than its time-out and was stopped",
        "Raise the step's timeout, or find what hangs.",
      );
    case "lost":
      throw convergeFailed(ended, `Puppet did not run to its end: ${exit.why}`);
  }
}

function resultOf(code: number, summary: Summary, findings: Findings, log: string): EngineResult {
  const { counts, seconds } = summary;
  const hasFailures = code === 4 || code === 6 || summary.counts.failed > 0;
  const nameless = { resource: "Puppet", message: findings.errors[0] ?? `exit code ${code}, and no resource named` };
  return {
    changed: code === 2 || code === 6,
    counts,
    managed: findings.managed,
    warnings: findings.warnings,
    seconds,
    failures: hasFailures && findings.failures.length === 0 ? [nameless] : hasFailures ? findings.failures : [],
    log,
  };
}

async function failed(ended: Ended, code: number, findings: Findings): Promise<MusterError> {
  const said = findings.errors.length === 0 ? undefined : findings.errors.join("; ");
  const words = said ?? (await lastWords(ended)) ?? `exit code ${code}, and not a word`;
  if (findings.compiled) return convergeFailed(ended, `Puppet gave up: ${words}`);
  return new MusterError({
    code: "converge-compile-failed",
    message: `Puppet could not compile the catalogue: ${words}`,
    hint: `Correct the code in the config repo; all of Puppet's output is in ${ended.log}.`,
  });
}

function convergeFailed(ended: Ended, message: string, advice?: string): MusterError {
  const hint = `All of Puppet's output is in ${ended.log}.`;
  return new MusterError({ code: "converge-failed", message, hint: advice === undefined ? hint : `${advice} ${hint}` });
}

const tailBytes = 4096;

/** Puppet's last line, an error before any other. For ends before its log began. */
async function lastWords(ended: Ended): Promise<string | undefined> {
  const lines = (await tailOf(ended.log)).split("\n").filter((line) => line.trim() !== "");
  const line = lines.findLast((text) => text.startsWith("Error: ")) ?? lines.at(-1);
  return line === undefined ? undefined : brief(line.replace(/^Error: /, ""), ended.directory);
}

async function tailOf(file: string): Promise<string> {
  try {
    const handle = await open(file, "r");
    try {
      const { size } = await handle.stat();
      const start = Math.max(0, size - tailBytes);
      const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(tailBytes), position: start });
      return stripVTControlCharacters(buffer.toString("utf8", 0, bytesRead));
    } finally {
      await handle.close();
    }
  } catch {
    return "";
  }
}
