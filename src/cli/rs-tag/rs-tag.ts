import { isTransient, MusterError, reportOf } from "../../domain/errors/errors.ts";
import { parseTag, tagTexts, type TagPattern } from "../../domain/instance/tag-text.ts";
import type { SeenTags } from "../../ports/tag-store.ts";
import type { CommandIo } from "../command.ts";
import { parseRsTag, rsTagUsage, type RsTagRequest, type RsTagTask } from "./rs-tag-arguments.ts";
import { formatted, type Shown } from "./rs-tag-format.ts";
import { plain } from "../terminal/style.ts";
import { warnOfOwn, warnOfStale, type TagDeps } from "../commands/tag.ts";

export type RsTagDeps = {
  /** @param tell called with a sentence about each request to a cloud */
  connect(tell: (words: string) => void): ReturnType<TagDeps["connect"]>;
  /** Aborts with the command, and after this time. */
  within(ms: number): AbortSignal;
  readonly version: string;
};

/** The exit statuses of RightLink 6. `silent`: no usable answer; `refused`: the answer is no. */
const failures: Readonly<Record<RsTagTask["do"], { readonly name: string; silent: number; refused: number }>> = {
  list: { name: "List current server tags", silent: 45, refused: 45 },
  query: { name: "Query tags", silent: 46, refused: 53 },
  add: { name: "Add tag", silent: 47, refused: 54 },
  remove: { name: "Remove tag", silent: 48, refused: 55 },
};

const [usage, forbidden, nothingFound] = [1, 2, 44];

/**
 * `rs_tag`, as in RightLink 6: the same flags, the same output, the same exit statuses.
 * @returns the exit status
 */
export async function runRsTag(argv: readonly string[], deps: RsTagDeps, io: CommandIo): Promise<number> {
  const parsed = parseRsTag(argv);
  switch (parsed.kind) {
    case "help":
      io.out(rsTagUsage);
      return 0;
    case "version":
      io.out(`rs_tag of ${deps.version}\n`);
      return 0;
    case "unusable":
      io.err(`${plain(parsed.why)}\n`);
      return usage;
    case "task":
      return work(parsed.request, deps, io);
  }
}

async function work(request: RsTagRequest, deps: RsTagDeps, io: CommandIo): Promise<number> {
  const { task } = request;
  const signal = deps.within(request.timeoutMs);
  try {
    return await act(request, deps, signal, io);
  } catch (error) {
    const { name, silent, refused } = failures[task.do];
    const { code, message, hint } = reportOf(error);
    const late = signal.aborted && !io.signal.aborted;
    const why = late ? `no answer within ${request.timeoutMs / 1000} s` : `${message}. ${hint} (${code})`;
    io.err(`${name} failed: ${plain(why)}\n`);
    if (error instanceof MusterError && error.code === "control-forbidden") return forbidden;
    return late || isTransient(error) ? silent : refused;
  }
}

async function act(request: RsTagRequest, deps: RsTagDeps, signal: AbortSignal, io: CommandIo): Promise<number> {
  const { task } = request;
  const { store, prefix } = await deps.connect((words) => request.verbose && io.err(`${plain(words)}\n`));
  switch (task.do) {
    case "list": {
      const seen = await store.list(signal);
      return show(tagTexts(seen.tags), seen, "No server tags found", request, io);
    }
    case "query": {
      const found = await store.find(task.tags.map(patternOf), signal);
      const shown = Object.fromEntries(found.map(({ id, tags }) => [id, { tags: tagTexts(tags) }]));
      return show(shown, undefined, `No servers with tags ${JSON.stringify(task.tags)}`, request, io);
    }
    case "add": {
      const { key, value = "" } = patternOf(task.tag);
      await store.add({ [key]: value }, signal);
      io.err(`Successfully added tag ${plain(task.tag)}\n`);
      warnOfOwn([{ key }], prefix, io);
      return 0;
    }
    case "remove": {
      await store.remove([patternOf(task.tag)], signal);
      io.out("Request processed successfully\n");
      warnOfOwn([patternOf(task.tag)], prefix, io);
      return 0;
    }
  }
}

function show(shown: Shown, seen: SeenTags | undefined, none: string, request: RsTagRequest, io: CommandIo): number {
  if (seen !== undefined) warnOfStale(seen, io);
  if (Object.keys(shown).length === 0 && request.die) {
    io.err(`${plain(none)}\n`);
    return nothingFound;
  }
  io.out(`${formatted(shown, request.format)}\n`);
  return 0;
}

/** The arguments were checked: each is a tag. */
function patternOf(text: string): TagPattern {
  const pattern = parseTag(text);
  if (pattern === undefined) throw new Error(`${JSON.stringify(text)} is no tag`);
  return pattern;
}
