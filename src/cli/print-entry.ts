import type { RunEvent } from "../domain/events.ts";
import type { LogPart, Printed } from "../views/printed.ts";
import type { StoryPrinter } from "./story-printer.ts";

/** Reads what a unit printed; `read` says whether it is still there. */
export type OpenPrinted = (part: LogPart, onLine: (line: string) => void) => { read(): Promise<boolean>; end(): void };

/** How many lines are shown of the output of a command that went well; if it has few more, all of them. */
const [lastLines, fewLines] = [3, 5];

/** Tells an event, or how a command ended behind what it printed: all of it, or the end of what went well. */
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

/** What Puppet prints because muster asks for it (`--evaltrace`), so that progress can be shown: twice a resource. */
export function isChatter(line: string): boolean {
  return /^Info: .*: (?:Starting to evaluate the resource|Evaluated in [\d.]+ seconds)/.test(line);
}
