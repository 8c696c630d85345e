/** What cron expressions mean, in the machine's local time. */
export interface Scheduler {
  /**
   * The first time after `after` that the expression names. An hour that the end of summer time repeats is named once,
   * one that its beginning leaves out is not.
   * @param expression five fields, validated before
   * @param after not in the future, and at most about a day ago: from there on each minute is looked at
   * @returns undefined for a date that no calendar has
   */
  next(expression: string, after: Date): Date | undefined;
}
