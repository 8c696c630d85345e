import * as paths from "../domain/settings/paths.ts";
import { runsInOrder } from "../domain/run/run-id.ts";
import { inOrder } from "../lib/async/ahead.ts";
import { secretsIn } from "../domain/redact/secrets-in.ts";
import { secretFilesIn, type Found, type Source } from "../views/bundle/contents.ts";
import type { Gathered, Secrets } from "../views/bundle/manifest.ts";

/** How evidence is read. */
export type EvidencePorts = {
  /** The names in a directory, sorted; none where it cannot be read. */
  readonly namesIn: (directory: string) => Promise<readonly string[]>;
  /** A text file; of one that is longer than `maxBytes`, its end. @throws what the file system says */
  readonly readTail: (file: string, maxBytes: number) => Promise<{ readonly text: string; readonly cutFrom?: number }>;
  /** What a program of the machine printed, or why it printed nothing. @throws the signal's reason */
  readonly ask: (
    argv: readonly [string, ...string[]],
    limits: Limits & { readonly maxBytes: number },
  ) => Promise<{ readonly text: string; readonly exit?: number } | { readonly why: string }>;
  /** The beginning of a file on a path that an operator chose. @throws what the file system says, or when it does not answer in time */
  readonly beginningOf: (file: string, maxBytes: number, limits: Limits) => Promise<string>;
};

type Limits = { readonly timeoutMs: number; readonly signal: AbortSignal };

/** Of each file, its end. Bug reports are sent by mail, and one that is being masked is in memory several times. */
const fileBytes = 512 * 1024;

/** Of what each command prints, the beginning: of most a few kilobytes, and 5,000 lines of the journal. */
const commandBytes = 2 * 1024 * 1024;

/** For each command and each file of an operator's path, in milliseconds. */
const timeoutMs = 15_000;

/** What there is to be taken. A directory that cannot be read has nothing in it: its files are then asked for one by one, and say why. */
export async function findEvidence({ namesIn }: Pick<EvidencePorts, "namesIn">): Promise<Found> {
  const [runs, unitLogs, state, settings] = await Promise.all([
    namesIn(paths.runsDirectory),
    namesIn(`${paths.logDirectory}/units`),
    namesIn(paths.stateDirectory),
    namesIn(paths.settingsDirectory),
  ]);
  const setAside = runs.filter((name) => name.includes(".unreadable-"));
  return { runs: runsInOrder(runs), setAside, unitLogs, state, settings };
}

/** How many files and commands are read at once. */
const atOnce = 2;

/** The files of the bundle in the order of their sources; of one that cannot be read, why. @throws the signal's reason */
export function gatherEvidence(
  ports: Pick<EvidencePorts, "ask" | "readTail">,
  sources: readonly Source[],
  signal: AbortSignal,
): AsyncIterable<Gathered> {
  return inOrder(sources, atOnce, (source) => gatherOne(ports, source, signal));
}

async function gatherOne(
  { ask, readTail }: Pick<EvidencePorts, "ask" | "readTail">,
  source: Source,
  signal: AbortSignal,
): Promise<Gathered> {
  const { name } = source;
  signal.throwIfAborted();
  if (source.from === "command") {
    return {
      name,
      from: source.argv.join(" "),
      ...(await ask(source.argv, { timeoutMs, maxBytes: commandBytes, signal })),
    };
  }
  try {
    return { name, from: source.file, ...(await readTail(source.file, fileBytes)) };
  } catch (error) {
    return { name, from: source.file, why: whyNot(error) };
  }
}

/** The secrets that the bundle may not hold. They are read in order to be looked for, and go nowhere. */
export async function knownSecrets({
  namesIn,
  beginningOf,
}: Pick<EvidencePorts, "namesIn" | "beginningOf">): Promise<Secrets> {
  async function read(file: string): Promise<Gathered> {
    const found = { name: "(secrets to be looked for)", from: file };
    const { signal } = new AbortController();
    try {
      // The operator chooses where these files are: the file system may not answer.
      return { ...found, text: await beginningOf(file, fileBytes, { timeoutMs, signal }) };
    } catch (error) {
      return { ...found, why: whyNot(error) };
    }
  }
  const names = (await namesIn(paths.settingsDirectory)).map((name) => `${paths.settingsDirectory}/${name}`);
  const settings = await Promise.all([paths.settingsFile, ...names].map(read));
  const files = settings.flatMap((each) => ("text" in each ? secretFilesIn(each.text) : []));
  const secrets = await Promise.all([...new Set(files)].map(read));
  return {
    known: secrets.flatMap((file) => ("text" in file ? secretsIn(file.text) : [])),
    unread: secrets.filter((file) => "why" in file),
  };
}

function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && error.code === "ENOENT" ? "there is none" : error.message;
}
