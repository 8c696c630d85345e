import { parseArgs } from "node:util";
import { parseTag } from "../../domain/instance/tag-text.ts";
import type { RsTagFormat } from "./rs-tag-format.ts";

export type RsTagTask =
  | { readonly do: "list" }
  | { readonly do: "add" | "remove"; readonly tag: string }
  | { readonly do: "query"; readonly tags: readonly string[] };

export type RsTagRequest = {
  readonly task: RsTagTask;
  /** An empty result is a failure. */
  readonly die: boolean;
  readonly format: RsTagFormat;
  readonly timeoutMs: number;
  readonly verbose: boolean;
};

export type RsTagArguments =
  | { readonly kind: "help" | "version" }
  | { readonly kind: "unusable"; readonly why: string }
  | { readonly kind: "task"; readonly request: RsTagRequest };

export const rsTagUsage = `Usage: rs_tag (--list | --add TAG | --remove TAG | --query TAG...)

The tags of this instance, and the instances that have a tag. A TAG is
namespace:predicate=value, or a word of its own. muster tag does the same, and
says more.

  --list, -l          the tags of this instance
  --add, -a TAG       sets a tag
  --remove, -r TAG    takes a tag away
  --query, -q TAG...  instances that have any of these; * stands for any text
  --die, -e           exit with 44 where --list or --query finds nothing
  --format, -f FMT    json (default), yaml or text
  --timeout, -t SEC   how long to wait for an answer (default: 180)
  --verbose, -v       tell what is asked, on standard error
  --help              this page
  --version           which version this is

Exit status: 0 done, 1 usage, 2 no permission, 44 nothing found (--die), 45 not
listed, 46 or 53 not queried, 47 or 54 not added, 48 or 55 not removed.
`;

const options = {
  list: { type: "boolean", short: "l" },
  add: { type: "string", short: "a" },
  remove: { type: "string", short: "r" },
  query: { type: "string", short: "q", multiple: true },
  die: { type: "boolean", short: "e" },
  format: { type: "string", short: "f" },
  timeout: { type: "string", short: "t" },
  verbose: { type: "boolean", short: "v" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
} as const;

const usualTimeoutMs = 180_000;

/** Reads the arguments as RightLink's `rs_tag` does: of several actions, the last in the list of options counts. */
export function parseRsTag(argv: readonly string[]): RsTagArguments {
  try {
    const { values, tokens } = parseArgs({ args: [...argv], options, allowPositionals: true, tokens: true });
    if (values.help === true) return { kind: "help" };
    if (values.version === true) return { kind: "version" };
    const { die = false, verbose = false } = values;
    const format = formatOf(values.format);
    const timeoutMs = timeoutOf(values.timeout);
    return { kind: "task", request: { task: taskOf(values, tokens), die, format, timeoutMs, verbose } };
  } catch (error) {
    return { kind: "unusable", why: error instanceof Error ? error.message : String(error) };
  }
}

type Values = { readonly list?: boolean; readonly add?: string; readonly remove?: string; readonly query?: string[] };
type Token = { readonly kind: string; readonly name?: string; readonly value?: string | undefined };

function taskOf({ list, add, remove, query }: Values, tokens: readonly Token[]): RsTagTask {
  if (query !== undefined) return { do: "query", tags: queried(tokens).map(tag) };
  if (remove !== undefined) return { do: "remove", tag: tag(remove) };
  if (add !== undefined) return { do: "add", tag: tag(add) };
  if (list === true) return { do: "list" };
  throw new Error("Missing argument, rs_tag --help for additional information");
}

/** `--query` takes all words up to the next option. */
function queried(tokens: readonly Token[]): readonly string[] {
  let taking = false;
  return tokens.flatMap(({ kind, name, value = "" }) => {
    if (kind === "option") taking = name === "query";
    return taking ? [value.trim()] : [];
  });
}

function tag(text: string): string {
  if (parseTag(text) === undefined) throw new Error(`Non-empty value required, not ${JSON.stringify(text)}`);
  return text;
}

/** With the abbreviations that RightLink accepted. */
function formatOf(text = "json"): RsTagFormat {
  if (/^jso?n?$/.test(text)) return "json";
  if (/^ya?ml$/.test(text)) return "yaml";
  if (/^te?xt$/.test(text)) return "text";
  throw new Error(`Unknown output format ${text}`);
}

function timeoutOf(text: string | undefined): number {
  if (text === undefined) return usualTimeoutMs;
  if (!/^\d{1,6}$/.test(text) || Number(text) === 0) throw new Error(`--timeout takes seconds, not ${text}`);
  return Number(text) * 1000;
}
