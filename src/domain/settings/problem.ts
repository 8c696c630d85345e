import type { ErrorCode, LogNoticeCode } from "../errors/error-codes.ts";
import { MusterError } from "../errors/errors.ts";

/** A position in a file; line and column count from 1. */
export type SourcePosition = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
};

/** One thing that is wrong with a file that a person wrote. */
export type Problem = SourcePosition & {
  /** What was expected, what was found, the nearest valid name. One line, never a secret. */
  readonly message: string;
  /** Where the problem has a page of its own. */
  readonly code?: ErrorCode | LogNoticeCode;
};

/** As editors and terminals understand it. */
export function formatPosition({ file, line, column }: SourcePosition): string {
  return `${file}:${line}:${column}`;
}

export function formatProblem(problem: Problem): string {
  const code = problem.code === undefined ? "" : ` [${problem.code}]`;
  return `${formatPosition(problem)}: ${problem.message}${code}`;
}

/** A file that a person wrote is not valid: every problem at once, in the order of the file. */
export class InvalidFileError extends MusterError {
  readonly problems: readonly Problem[];

  constructor(code: ErrorCode, subject: string, problems: readonly Problem[]) {
    const shown = problems.slice(0, 50).map(formatProblem);
    if (problems.length > 50) shown.push(`and ${problems.length - 50} more`);
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super({
      code,
      message: [`${subject} not valid, ${count}:`, ...shown].join("\n"),
      hint: "Correct these places, then run muster check.",
    });
    this.problems = problems;
  }
}
