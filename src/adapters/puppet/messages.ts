import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { z } from "zod";
import { namedResources } from "../../domain/drift.ts";
import type { EngineResult } from "../../ports/engine.ts";
import { resourceIn } from "./resource.ts";

/** One line of Puppet's log in JSON. */
const messageSchema = z.object({
  level: z.string(),
  message: z.string(),
  source: z.string().default("Puppet"),
  file: z.string().optional(),
  line: z.number().optional(),
  pos: z.number().optional(),
});

type Message = z.infer<typeof messageSchema>;

/** What the messages of a run say beyond its counts. */
export type Findings = {
  /** Whether the code made a catalogue. */
  readonly compiled: boolean;
  /** Errors that name no resource, with their places in the code; the first few. */
  readonly errors: readonly string[];
  readonly failures: EngineResult["failures"];
  /** Resources that a run which changes nothing would change; the first few. */
  readonly drifted: readonly string[];
};

const maxFailures = 20;
/** Several, because the first may be a mere complaint of a fact and the last "Found 3 errors. Giving up". */
const maxErrors = 3;
const maxText = 300;

/**
 * Reads the messages of a run line by line, so that a big one costs time but no memory. A last line that
 * was never completed is left out.
 * @param directory the worktree: paths are told relative to it
 */
export async function readFindings(file: string, directory: string): Promise<Findings> {
  // Opened first: an error of the file comes here then, and not as an event of the stream.
  const handle = await open(file).catch(() => undefined);
  // Without it Puppet ended before it began to log.
  if (handle === undefined) return { compiled: false, errors: [], failures: [], drifted: [] };
  const input = handle.createReadStream({ encoding: "utf8" });
  return findIn(createInterface({ input, crlfDelay: Infinity }), directory);
}

async function findIn(lines: AsyncIterable<string>, directory: string): Promise<Findings> {
  let compiled = false;
  const errors = new Set<string>();
  const failures = new Map<string, string>();
  const drifted = new Set<string>();
  for await (const line of lines) {
    // The cheap look first: of a big catalogue nearly every line is of no interest.
    compiled ||= line.includes('"message":"Compiled catalog for ');
    const isNoop = line.includes(" (noop)");
    if (!isNoop && !/"level":"(err|alert|emerg|crit)"/.test(line)) continue;
    const message = messageOf(line);
    if (message === undefined) continue;
    const resource = resourceIn(message.source);
    if (isNoop && message.level === "notice") {
      if (resource !== undefined && drifted.size < namedResources) drifted.add(resource);
    } else if (resource === undefined) {
      if (errors.size < maxErrors) errors.add(wordsOf(message, directory));
    } else if (failures.size < maxFailures && !failures.has(resource)) {
      failures.set(resource, reasonOf(message, directory));
    }
  }
  return {
    compiled,
    errors: [...errors],
    failures: [...failures].map(([resource, message]) => ({ resource, message })),
    drifted: [...drifted],
  };
}

function messageOf(line: string): Message | undefined {
  try {
    return messageSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** `change from 'absent' to 'present' failed: REASON` as the reason alone. */
function reasonOf(message: Message, directory: string): string {
  const text = message.message
    .replace(/^change from .*? failed: /, "")
    .replace(/^Failed to call refresh: /, "refresh failed: ");
  return brief(text, directory);
}

/** The message, and where it belongs in the code unless it says so itself. */
function wordsOf(message: Message, directory: string): string {
  const place = placeOf(message);
  const text = message.message;
  return brief(place === undefined || text.includes("(file: ") ? text : `${text} (${place})`, directory);
}

function placeOf({ file, line, pos }: Message): string | undefined {
  if (file === undefined) return undefined;
  return [file, line, line === undefined ? undefined : pos].filter((part) => part !== undefined).join(":");
}

/**
 * One line of readable length: `(file: F, line: L, column: C)` as `(F:L:C)`, files relative to the repo, the
 * last lines of a command's output rather than its first (apt says there what went wrong).
 */
export function brief(text: string, directory: string): string {
  const line = text
    .replaceAll(
      /\(file: ([^,()]+)(?:, line: (\d+))?(?:, column: (\d+))?\)/g,
      (_whole, ...parts: (string | undefined)[]) =>
        `(${parts
          .slice(0, 3)
          .filter((part) => part !== undefined)
          .join(":")})`,
    )
    .replaceAll(`${directory}/`, "")
    .replace(/ on node \S+$/, "")
    .split("\n")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .join(" | ");
  if (line.length <= maxText) return line;
  return `${line.slice(0, maxText / 2)} … ${line.slice(-maxText / 2)}`;
}
