import { numberOf } from "../domain/run/run-id.ts";
import { summariseRun, type RunSummary } from "../views/runs.ts";
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
  return Promise.all(
    inOrder.map(async (name, index) => {
      const [run = name, aside] = name.split(".");
      const { events } = await recordings.read(name);
      const journal = await files.read(`runs/${name}/journal.jsonl`);
      return summariseRun(
        { run, events, journal, setAside: aside !== undefined },
        isAtWork && index === names.length - 1,
      );
    }),
  );
}
