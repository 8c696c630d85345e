import type { NoticeCode } from "../domain/error-codes.ts";
import type { Facts, StageName, StageOutcome } from "../domain/run.ts";

/** What a stage is given besides its ports: how to stop, and how to tell what it does. */
export type StageContext = {
  readonly run: string;
  readonly stage: StageName;
  /** Aborts on cancel, on the run's deadline and when the agent ends. */
  readonly signal: AbortSignal;
  /** Says what is being done now. @param brief the same without command lines, URLs and words of others */
  progress(text: string, brief?: string): void;
  /** Says what is being waited for now. @param brief as of `progress` */
  waiting(text: string, brief?: string): void;
  /** Passes on one line that an external command printed. */
  output(line: string): void;
  /** Something that the operator should know and that stops nothing. */
  warn(code: NoticeCode, text: string): void;
};

/** What a stage hands back to the spine: its typed value, and what to tell people. */
export type StageResult<Value> = {
  readonly value: Value;
  readonly outcome: Extract<StageOutcome, "changed" | "unchanged" | "skipped">;
  /** One plain sentence. */
  readonly summary: string;
  readonly facts: Facts;
};

export type { PlannedStep } from "../domain/events.ts";
