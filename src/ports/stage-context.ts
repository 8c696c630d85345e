import type { LogNoticeCode } from "../domain/errors/error-codes.ts";
import type { Facts, StageName, StageOutcome } from "../domain/run/run.ts";

/** What a stage gets besides its ports: its signal, and the reports of its progress. */
export type StageContext = {
  readonly run: string;
  readonly stage: StageName;
  /** Aborts on cancel, on the run's deadline and when the agent ends. */
  readonly signal: AbortSignal;
  /** Reports the present action. @param brief the same without command lines, URLs and quoted words */
  progress(text: string, brief?: string): void;
  /** Reports the present wait. @param brief as of `progress` */
  waiting(text: string, brief?: string): void;
  /** Reports one line of an external command's output. */
  output(line: string): void;
  /** Reports a problem that does not stop the stage. */
  warn(code: LogNoticeCode, text: string): void;
};

/** The result of a stage for the spine: its typed value, and the summary for people. */
export type StageResult<Value> = {
  readonly value: Value;
  readonly outcome: Extract<StageOutcome, "changed" | "unchanged" | "skipped">;
  /** One plain sentence. */
  readonly summary: string;
  readonly facts: Facts;
};

export type { PlannedStep } from "../domain/run/events.ts";
