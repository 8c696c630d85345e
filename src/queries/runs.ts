import { numberOf } from "../domain/run/run-id.ts";
import { createRunSummary, summarised, type RunSummary } from "../views/runs.ts";
import { mayBeAtWork, type MachineView } from "./machine-view.ts";
import { createRecordings } from "./recordings.ts";

/** The runs on record, oldest first; also those that the agent set aside because it could not read their journals. */
export async function listRuns(view: Pick<MachineView, "files" | "lockHolder">): Promise<readonly RunSummary[]> {
  const { files } = view;
  const recordings = createRecordings(files);
  const names = (await files.list("runs")).filter((name) => /^\d{4,9}-[0-9a-f]{4}(\.unreadable-\d+)?$/.test(name));
  const inOrder = names.toSorted((one, other) => numberOf(one) - numberOf(other));
  // The agent that holds the lock takes up the newest run, if it was interrupted.
  const isAtWork = mayBeAtWork(view);
  const runs: RunSummary[] = [];
  // One after the other: twenty recordings at once would all be in memory.
  for (const [index, name] of inOrder.entries()) {
    const [run = name, aside] = name.split(".");
    const summary = createRunSummary(run);
    for await (const event of recordings.open(name, summarised).events()) summary.recorded(event);
    for await (const { text } of files.lines(`runs/${name}/journal.jsonl`)) summary.journalled(text ?? "");
    runs.push(summary.result({ setAside: aside !== undefined, atWork: isAtWork && index === names.length - 1 }));
  }
  return runs;
}
