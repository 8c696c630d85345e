import type { RunEvent } from "../../domain/run/events.ts";
import type { LogPart, Printed } from "../../views/printed.ts";
import type { StoryPrinter } from "./story-printer.ts";

/** Reads the output of a unit; `read` says whether it still exists. */
export type OpenPrinted = (part: LogPart, onLine: (line: string) => void) => { read(): Promise<boolean>; end(): void };

/** How many output lines of a successful command are shown; if it has only a few more, all of them. */
const [lastLines, fewLines] = [3, 5];

/** Prints an event, or a command's output with its result: the whole output, or the end of a successful one. */
export async function printEntry(
  entry: RunEvent | Printed,
  printer: StoryPrinter,
  full: boolean,
  deps: { readonly openPrinted: OpenPrinted },
): Promise<void> {
  if (entry.type !== "printed") return printer.event(entry);
  const folds = entry.fine && !full;
  const held: string[] = [];
  let count = 0;
  let chatter = 0;
  const reader = deps.openPrinted(entry.part, (line) => {
    count += 1;
    if (!full && isChatter(line)) {
      chatter += 1;
      return;
    }
    if (!folds) return printer.line(entry, line);
    held.push(line);
    if (held.length > fewLines) held.shift();
  });
  const there = await reader.read();
  reader.end();
  if (!there) printer.remark("what it printed is no longer there: only the newest logs are kept");
  if (folds && held.length > lastLines && count > fewLines) held.splice(0, held.length - lastLines);
  const left = folds ? count - held.length : chatter;
  if (left > 0) printer.remark(`${left} ${left === 1 ? "line" : "lines"} more: muster logs --full`);
  for (const line of held) printer.line(entry, line);
  printer.ended(entry);
}

/** Puppet's progress messages, which muster asks for (`--evaltrace`): two for each resource. */
export function isChatter(line: string): boolean {
  return /^Info: .*: (?:Starting to evaluate the resource|Evaluated in [\d.]+ seconds)/.test(line);
}
