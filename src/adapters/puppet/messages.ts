import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { z } from "zod";
import { namedWarnings, type EngineResult } from "../../ports/engine.ts";
import { createExecOutput } from "./exec-output.ts";
import { resourceIn } from "./resource.ts";
import { brief } from "./words.ts";

/** One line of Puppet's log in JSON. */
const messageSchema = z.object({
  level: z.string(),
  message: z.string(),
  source: z.string().default("Puppet"),
  file: z.string().optional(),
  line: z.number().optional(),
  pos: z.number().optional(),
});

export type Message = z.infer<typeof messageSchema>;

/** The content of a run's messages beyond its counts. */
export type Findings = Pick<EngineResult, "managed" | "warnings"> & {
  /** Whether the code compiled to a catalogue. */
  readonly compiled: boolean;
  /** Errors without a resource, with their places in the code; the first few. */
  readonly errors: readonly string[];
  readonly failures: EngineResult["failures"];
  /** Resources that would change, in a run without changes. */
  readonly drifted: ReadonlySet<string>;
};

/**
 * Puppet's own warning about the address of a server: a masterless run has none. Without a default route it always
 * appears.
 */
const ofServer = "Could not retrieve either serverip or serverip6 fact";

const maxFailures = 20;
/** Several, because the first may be a complaint of a fact and the last "Found 3 errors. Giving up". */
const maxErrors = 3;

/**
 * Reads the messages of a run line by line, so that a big file needs time but no memory. An incomplete last line is
 * left out.
 * @param directory the worktree: paths are relative to it
 */
export async function readFindings(file: string, directory: string): Promise<Findings> {
  // Opened first: an error of the file appears then, and not as an event of the stream.
  const handle = await open(file).catch(() => undefined);
  // Without the file, Puppet ended before it began to log.
  if (handle === undefined) return collect(directory).findings();
  const input = handle.createReadStream({ encoding: "utf8" });
  const collected = collect(directory);
  for await (const line of createInterface({ input, crlfDelay: Infinity })) collected.line(line);
  return collected.findings();
}

function collect(directory: string) {
  let compiled = false;
  let managed = 0;
  let warned = 0;
  const warnings = new Set<string>();
  const errors = new Set<string>();
  const failures = new Map<string, string>();
  const drifted = new Set<string>();
  const output = createExecOutput();

  function line(text: string): void {
    // A cheap check first: most lines of a big catalogue do not matter.
    compiled ||= text.includes('"message":"Compiled catalog for ');
    if (isManaged(text)) managed += 1;
    if (!isOfInterest(text)) return;
    const message = messageOf(text);
    if (message !== undefined) take(message);
  }

  function take(message: Message): void {
    const resource = resourceIn(message.source);
    switch (message.level) {
      case "notice":
        if (message.message.endsWith(" (noop)")) {
          if (resource !== undefined) drifted.add(resource);
        } else output.hear(message, resource);
        return;
      case "warning":
        if (message.message === ofServer) return;
        warned += 1;
        if (warnings.size < namedWarnings) warnings.add(wordsOf(message, directory));
        return;
      default:
        if (resource === undefined) {
          if (errors.size < maxErrors) errors.add(wordsOf(message, directory));
        } else if (failures.size < maxFailures && !failures.has(resource)) {
          failures.set(resource, brief(output.explain(reasonOf(message), resource), directory));
        }
    }
  }

  function findings(): Findings {
    return {
      compiled,
      managed,
      warnings: { count: warned, first: [...warnings] },
      errors: [...errors],
      failures: [...failures].map(([resource, message]) => ({ resource, message })),
      drifted,
    };
  }

  return { line, findings };
}

/**
 * A resource from the code. Only those are in a stage; Puppet's own (six schedules, a file bucket), classes and defined
 * types are not.
 */
function isManaged(line: string): boolean {
  return line.includes('"message":"Starting to evaluate the resource') && line.includes('"source":"/Stage[');
}

function isOfInterest(line: string): boolean {
  return / \(noop\)"|\/returns"|"level":"(?:warning|err|alert|emerg|crit)"/.test(line);
}

function messageOf(line: string): Message | undefined {
  try {
    return messageSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** `change from 'absent' to 'present' failed: REASON` as the reason alone. */
function reasonOf({ message }: Message): string {
  return message.replace(/^change from .*? failed: /, "").replace(/^Failed to call refresh: /, "refresh failed: ");
}

/** The message, with its place in the code unless it contains one. */
function wordsOf(message: Message, directory: string): string {
  const place = placeOf(message);
  const text = message.message;
  return brief(place === undefined || text.includes("(file: ") ? text : `${text} (${place})`, directory);
}

function placeOf({ file, line, pos }: Message): string | undefined {
  if (file === undefined) return undefined;
  return [file, line, line === undefined ? undefined : pos].filter((part) => part !== undefined).join(":");
}
