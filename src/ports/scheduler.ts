/** Calls work at the times of a cron expression. */
export interface Scheduler {
  /** @param expression five fields, in the machine's local time; validated before. Returns how to end it. */
  at(expression: string, work: () => void): () => void;
}
