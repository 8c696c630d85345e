/** The meaning of cron expressions, in the machine's local time. */
export interface Scheduler {
  /**
   * The first time after `after` that matches the expression. An hour that is repeated at the end of summer time
   * matches once; one that is skipped does not match.
   * @param expression five fields, validated before
   * @param after not in the future, and at most about a day ago: each minute since then is checked
   * @returns undefined for a date that does not exist
   */
  next(expression: string, after: Date): Date | undefined;
}
