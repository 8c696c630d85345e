import type { BuildInfo } from "../../domain/settings/build-info.ts";
import { reportOf } from "../../domain/errors/errors.ts";
import type { StatusReport } from "../../domain/instance/status.ts";
import { formatSize } from "../../domain/text/units.ts";
import { contentsOf, type Found, type Source } from "../../views/bundle/contents.ts";
import { packed, type Gathered, type Secrets } from "../../views/bundle/manifest.ts";
import { tar, type TarFile } from "../../views/bundle/tar.ts";
import type { ExplainInput } from "../../views/explain/input.ts";
import type { Command, CommandIo } from "../command.ts";
import { explanationJson } from "./explain.ts";
import { styleFor, wrap } from "../terminal/style.ts";
import { jsonText } from "../terminal/text.ts";
import { waysToNameARun, whichRun } from "./which-run.ts";

export type BundleDeps = {
  readonly muster: BuildInfo;
  status(now: string): Promise<StatusReport>;
  observe(now: string): Promise<ExplainInput>;
  /** The runs and files to choose from: all runs, oldest first. */
  find(): Promise<Found>;
  /**
   * Files and outputs of commands in the order of their sources, cut to their ends if they are long; or the reasons why
   * they cannot be read. @throws the signal's reason
   */
  gather(sources: readonly Source[], signal: AbortSignal): AsyncIterable<Gathered>;
  secrets(): Promise<Secrets>;
  /**
   * Compresses an archive into a file that only root can read, as its parts come: complete or not at all.
   * @returns its size in bytes
   * @throws MusterError `output-failed`
   */
  write(file: string, archive: AsyncIterable<Uint8Array>): Promise<number>;
};

/** How many runs are included, unless one is named. */
const newestRuns = 5;

/** `muster bundle`. */
export function bundleCommand(deps: BundleDeps): Command {
  return {
    name: "bundle",
    summary: "what a bug report needs, in one file, with the secrets taken out",
    details: `Status, explanation, settings, the newest runs with what their commands printed, logs, and what the machine
says of itself. Its manifest.json tells of every file where it comes from, what was masked in it, and what could
not be read. Nothing is sent anywhere.`,
    options: [
      { flags: "-o, --output <file>", summary: "default: muster-bundle-INSTANCE-TIME.tar.gz, in this directory" },
      { flags: "--run <run>", summary: `only this run: ${waysToNameARun} (default: the last ${newestRuns})` },
    ],
    async run({ options }, io) {
      const found = await deps.find();
      const { run, output } = options;
      const taken =
        typeof run === "string"
          ? { ...found, runs: [whichRun(found.runs, run)], setAside: [] }
          : { ...found, runs: found.runs.slice(-newestRuns) };
      const now = io.now();
      const own = await saidByMuster(deps, now);
      const secrets = await deps.secrets();
      const counts = { taken: 0, missing: 0 };
      async function* gathered(): AsyncGenerator<Gathered, void> {
        const evidence = deps.gather(contentsOf(taken), io.signal);
        for await (const item of concatenated(own.gathered, evidence, secrets.unread)) {
          counts["why" in item ? "missing" : "taken"] += 1;
          yield item;
        }
        io.signal.throwIfAborted();
      }
      const name = `muster-bundle-${own.instance}-${now.replaceAll(/[-:]|\.\d+/g, "")}`;
      const files = packed(gathered(), secrets.known, { made: now, muster: deps.muster });
      const file = typeof output === "string" ? output : `${name}.tar.gz`;
      const bytes = await deps.write(file, tar(below(name, files), Date.parse(now) / 1000));
      sayWritten(file, bytes, counts, io);
      return 0;
    },
  };
}

async function* concatenated<T>(...parts: readonly (Iterable<T> | AsyncIterable<T>)[]): AsyncGenerator<T, void> {
  for (const part of parts) yield* part;
}

async function* below(directory: string, files: AsyncIterable<TarFile>): AsyncGenerator<TarFile, void> {
  for await (const file of files) yield { ...file, name: `${directory}/${file.name}` };
}

type OwnWords = { readonly instance: string; readonly gathered: readonly Gathered[] };

/** Status and explanation as with `--json`; if even that fails, the bundle is needed most. */
async function saidByMuster(deps: BundleDeps, now: string): Promise<OwnWords> {
  let instance = "unknown";
  const status = await said("status.json", "muster status --json", async () => {
    const report = await deps.status(now);
    instance = report.instance?.id ?? instance;
    return `${jsonText(report, 2)}\n`;
  });
  const explanation = await said("explain.json", "muster explain --json", async () =>
    explanationJson(await deps.observe(now)),
  );
  return { instance: instance.replaceAll(/[^\w-]/g, "_").slice(0, 40), gathered: [status, explanation] };
}

async function said(name: string, from: string, say: () => Promise<string>): Promise<Gathered> {
  try {
    return { name, from, text: await say() };
  } catch (error) {
    return { name, from, why: reportOf(error).message };
  }
}

type Counts = { readonly taken: number; readonly missing: number };

function sayWritten(file: string, bytes: number, { taken, missing }: Counts, io: CommandIo): void {
  const style = styleFor(io);
  const files = `${taken} files, ${formatSize(bytes)}`;
  io.out(`${style.strong(file)}: ${files}${missing === 0 ? "" : `; ${missing} others could not be read`}\n`);
  io.out(
    `${wrap("Secrets are masked where they are known or look like one. Look at it before you send it; manifest.json tells what is in it, what was masked and what is missing.", io.columns, 0)}\n`,
  );
}
