// The state files of format 1, as a muster of November 2026 wrote them: on the local cloud and on AWS, in service, held,
// after a reboot, interrupted.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openJournal } from "../../../src/run/state/journal.ts";
import { createFakeStateFiles } from "../../fakes/state-files.ts";

const directory = join(import.meta.dirname, "fixtures/format-1");

/** The text of each state file, by its name in the state directory; `status-held.json` and the like are further ones. */
export const formatOne: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [path.slice(directory.length + 1), readFileSync(path, "utf8")]),
);

export function fixture(name: string): string {
  const text = formatOne[name];
  if (text === undefined) throw new Error(`no fixture ${name}`);
  return text;
}

/** Maps whose keys are names that people or servers chose: an unknown name in them is nothing new. */
const maps = new Set(["tags", "facts", "headers", "absences", "from", "result"]);

/** The value as a newer binary may write it: with another key in every object. */
export function grown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(grown);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([key, member]): [string, unknown] => [
    key,
    maps.has(key) && typeof member === "object" ? member : grown(member),
  ]);
  return { ...Object.fromEntries(members), "of-a-newer-binary": { deep: [1] } };
}

/** Each line of a JSON Lines text, or the one value of a JSON text, as a newer binary may write it. */
export function grownText(text: string): string {
  return text.includes("\n{") && !text.startsWith("{\n")
    ? text.replaceAll(/^.+$/gm, (line) => JSON.stringify(grown(JSON.parse(line))))
    : JSON.stringify(grown(JSON.parse(text)));
}

/** The journal of a run with this text. */
function journalOf(text: string, run: string) {
  const files = createFakeStateFiles({ [`runs/${run}/journal.jsonl`]: text });
  return openJournal({ files, now: () => new Date("2026-12-01T00:00:00Z"), bootId: "boot-now" }, run);
}

/** What a journal with this text tells, or why it cannot be used. */
export async function stateOf(text: string, run: string) {
  const journal = await journalOf(text, run);
  return "unreadable" in journal ? journal : journal.state;
}

/** The text with something else in the place of a part that it must have. */
export function changed(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`the fixture holds no ${from}`);
  return text.replaceAll(from, to);
}
