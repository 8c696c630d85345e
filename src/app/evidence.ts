// What `muster bundle` is put together from: the machine as it is, read and not changed.
import { ask, namesIn, readTail } from "../adapters/host/gather.ts";
import { writeGzipped } from "../adapters/host/output-file.ts";
import { beginningOfPath } from "../adapters/host/path-files.ts";
import type { BundleDeps, Secrets } from "../cli/bundle.ts";
import { buildInfo } from "../domain/build-info.ts";
import * as paths from "../domain/paths.ts";
import { runsInOrder } from "../domain/run-id.ts";
import { lookAround, readStatus } from "./look.ts";
import { secretFilesIn, type Found, type Source } from "../views/bundle/contents.ts";
import type { Gathered } from "../views/bundle/manifest.ts";
import { secretsIn } from "../domain/secrets-in.ts";

/** Of each file and of what each command prints. Bug reports are sent by mail. */
const maxBytes = 2 * 1024 * 1024;

/** For each command, in milliseconds. */
const timeoutMs = 15_000;

/** For `muster bundle`. */
export function bundleDeps(): BundleDeps {
  return {
    muster: buildInfo,
    status: readStatus,
    look: lookAround,
    find,
    gather,
    secrets,
    write: writeGzipped,
  };
}

/** A directory that cannot be read has nothing in it: then its files are asked for one by one, and say why. */
async function find(): Promise<Found> {
  const [runs, unitLogs, state, settings] = await Promise.all([
    namesIn(paths.runsDirectory),
    namesIn(`${paths.logDirectory}/units`),
    namesIn(paths.stateDirectory),
    namesIn(paths.settingsDirectory),
  ]);
  const setAside = runs.filter((name) => name.includes(".unreadable-"));
  return { runs: runsInOrder(runs), setAside, unitLogs, state, settings };
}

async function gather(source: Source, signal: AbortSignal): Promise<Gathered> {
  const { name } = source;
  if (source.from === "command") {
    return { name, from: source.argv.join(" "), ...(await ask(source.argv, { timeoutMs, maxBytes, signal })) };
  }
  try {
    return { name, from: source.file, ...(await readTail(source.file, maxBytes)) };
  } catch (error) {
    return { name, from: source.file, why: whyNot(error) };
  }
}

function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && error.code === "ENOENT" ? "there is none" : error.message;
}

/** They are read in order to be looked for, and go nowhere. */
async function secrets(): Promise<Secrets> {
  const names = (await namesIn(paths.settingsDirectory)).map((name) => `${paths.settingsDirectory}/${name}`);
  const settings = await Promise.all([paths.settingsFile, ...names].map(readSecretly));
  const files = settings.flatMap((read) => ("text" in read ? secretFilesIn(read.text) : []));
  const read = await Promise.all([...new Set(files)].map(readSecretly));
  return {
    known: read.flatMap((file) => ("text" in file ? secretsIn(file.text) : [])),
    unread: read.filter((file) => "why" in file),
  };
}

async function readSecretly(file: string): Promise<Gathered> {
  const found = { name: "(secrets to be looked for)", from: file };
  try {
    // Where these files are, an operator says: on a file system that stands still, perhaps.
    return {
      ...found,
      text: await beginningOfPath(file, maxBytes, { timeoutMs, signal: new AbortController().signal }),
    };
  } catch (error) {
    return { ...found, why: whyNot(error) };
  }
}
