import type { RunEvent } from "../../../src/domain/run/events.ts";
import { createRunSummary, type RunSummary } from "../../../src/views/runs.ts";

/** The summary of a run from its whole files. */
export function summaryOf(files: {
  readonly run: string;
  readonly events: readonly RunEvent[];
  readonly journal: string;
  readonly setAside: boolean;
  readonly atWork: boolean;
}): RunSummary {
  const summary = createRunSummary(files.run);
  for (const event of files.events) summary.recorded(event);
  for (const line of files.journal.split("\n")) summary.journalled(line);
  return summary.result(files);
}
