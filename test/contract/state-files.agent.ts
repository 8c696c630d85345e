// An agent to be killed: writes and appends for ever, and says what is done.
import { createStateFiles } from "../../src/adapters/host/state-files.ts";

const files = createStateFiles(process.argv[2] ?? "");
for (let round = 1; ; round += 1) {
  await files.write("status.json", `${String(round).padStart(8, "0")}\n`.repeat(20_000));
  process.stdout.write(`written ${round}\n`);
  await files.append("runs/0001-abcd/journal.jsonl", `{"round":${round}}\n`);
  process.stdout.write(`appended ${round}\n`);
}
