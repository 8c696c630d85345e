import { posix } from "node:path";
import { catalogueFile, settingsFile, units } from "../../domain/settings/paths.ts";
import { MusterError } from "../../domain/errors/errors.ts";
import { namedPaths } from "../../domain/role/repo-content.ts";
import { formatProblem, InvalidFileError } from "../../domain/settings/problem.ts";
import type { Problem, SourcePosition } from "../../domain/settings/problem.ts";
import { trustedFilesOf, type Settings, type Trusted } from "../../domain/settings/settings.ts";
import { trustedKey, untrustedUses } from "../../domain/instance/tag-trust.ts";
import { readCatalogue } from "../../settings/catalogue.ts";
import type { ReadCatalogue } from "../../settings/catalogue.ts";
import { parseInstanceFile } from "../../settings/instance-file.ts";
import { parseSettings } from "../../settings/settings.ts";
import type { TextFile } from "../../settings/yaml.ts";
import { checkContent, type ContentDeps } from "./check-content.ts";
import type { Command, CommandInput, CommandIo } from "../command.ts";
import { plain, wrap } from "../terminal/style.ts";
import { jsonText } from "../terminal/text.ts";

export type CheckDeps = ContentDeps & {
  /** The main file and the layers beside it. @throws MusterError `settings-missing` */
  readSettings(file: string, directory: string): Promise<readonly [TextFile, ...TextFile[]]>;
  /** Why another user may change the file at a path; undefined if none may, and without a file. */
  whoElseWrites(path: string): string | undefined;
  /** The units that a unit of this machine is ordered after; empty if the unit does not exist, as in CI. */
  orderedAfter(unit: string): Promise<readonly string[]>;
};

type Report = {
  readonly checked: readonly string[];
  readonly problems: readonly Problem[];
  /** Files that other users may change: an instance refuses them. */
  readonly shared?: readonly Problem[];
  /** Valid values that are probably a mistake. */
  readonly warnings: readonly Problem[];
};

const nothing: Report = { checked: [], problems: [], warnings: [] };

/** A spot notice leaves two minutes, for open connections and for names in caches. In seconds. */
const longTtl = 30;

/** `muster check`. */
export function checkCommand(deps: CheckDeps): Command {
  return {
    name: "check",
    summary: "validates settings and catalogue, here or in the CI of the config repo",
    details: [
      "Without DIR: the settings of this machine. With DIR, a checkout of the config repo: its catalogue and the files that it names, also whether git holds them, and the settings where there are some.",
      "Exit status: 0 all is valid, 2 something is not.",
    ].join("\n\n"),
    arguments: [{ name: "dir", summary: `a directory with a ${catalogueFile}`, optional: true }],
    options: [
      { flags: "--settings <file>", summary: `settings other than ${settingsFile}; conf.d is looked for beside it` },
      { flags: "--json", summary: "as JSON" },
    ],
    async run(input, io) {
      const reports = await checkAll(input, deps);
      const report = {
        checked: reports.flatMap(({ checked }) => checked),
        problems: reports.flatMap(({ problems, shared = [] }) => [...problems, ...shared]),
        warnings: reports.flatMap(({ warnings }) => warnings),
      };
      print(report, input, io);
      return report.problems.length === 0 ? 0 : 2;
    },
  };
}

async function checkAll({ args: [directory], options }: CommandInput, deps: CheckDeps): Promise<readonly Report[]> {
  const named = options["settings"];
  const settings = typeof named === "string" ? named : settingsFile;
  // In the CI of the config repo there are no settings: not an error.
  const isOptional = directory !== undefined && named === undefined && (await deps.kindOf(settings)) === undefined;
  const checked = isOptional ? { ...nothing, trust: undefined } : await checkSettings(settings, deps);
  const reports: readonly Report[] = [
    checked,
    isOptional ? nothing : await checkInstance(posix.join(posix.dirname(settings), "instance.yaml"), deps),
    directory === undefined ? nothing : await checkCatalogue(directory, checked.trust, deps),
  ];
  // Settings elsewhere are a draft: their owner and mode are those of a person's checkout.
  return named === undefined ? reports : reports.map(asDraft);
}

function asDraft({ checked, problems, shared = [], warnings }: Report): Report {
  return { checked, problems, warnings: [...warnings, ...shared] };
}

/** The trust in tags; unknown without settings, or without valid ones. */
type Trust = readonly Trusted[] | undefined;

async function checkSettings(file: string, deps: CheckDeps): Promise<Report & { readonly trust: Trust }> {
  const directory = posix.join(posix.dirname(file), "conf.d");
  const files = await deps.readSettings(file, directory);
  const checked = files.map((each) => each.file);
  const shared = [...checked, directory].flatMap((each) => {
    const position = { file: each === directory ? file : each, ...beginning };
    return sharedProblem(each, position, deps);
  });
  let trust: Trust;
  const problems = await problemsFrom(() => {
    const { settings, provenance } = parseSettings(files);
    trust = settings.tags.trust;
    for (const [key, path] of filesNamedIn(settings)) {
      shared.push(...sharedProblem(path, positionIn(provenance.get(key), file), deps));
    }
  });
  return { ...nothing, checked, problems, shared, trust };
}

async function checkInstance(file: string, deps: CheckDeps): Promise<Report> {
  const found = await deps.readText(file);
  if (found === undefined) return nothing;
  const problems = await problemsFrom(() => parseInstanceFile(found.text, file));
  return { ...nothing, checked: [file], problems, shared: sharedProblem(file, { file, ...beginning }, deps) };
}

const beginning = { line: 1, column: 1 } as const;

function filesNamedIn({ config, local, proxy }: Settings): readonly (readonly [key: string, file: string])[] {
  return [
    ...trustedFilesOf(config),
    ...(local.dns === undefined ? [] : [["local.dns.key", local.dns.keyFile] as const]),
    ...(proxy.credentials === undefined ? [] : [["proxy.credentials", proxy.credentials] as const]),
  ];
}

function sharedProblem(path: string, position: SourcePosition, deps: CheckDeps): readonly Problem[] {
  const why = deps.whoElseWrites(path);
  if (why === undefined) return [];
  return [{ ...position, message: `${path}: expected a path that only root may change, found that ${why}` }];
}

/** The position of a value, as `parseSettings` returns it. */
function positionIn(text: string | undefined, file: string): SourcePosition {
  const [, of = file, line = "1", column = "1"] = /^(.+):(\d+):(\d+)$/.exec(text ?? "") ?? [];
  return { file: of, line: Number(line), column: Number(column) };
}

async function checkCatalogue(directory: string, trust: Trust, deps: CheckDeps): Promise<Report> {
  const file = posix.join(directory, catalogueFile);
  const found = await deps.readText(file);
  if (found === undefined) throw missing(file);
  const warnings: Problem[] = [];
  const problems = await problemsFrom(async () => {
    const read = readCatalogue(found.text, file);
    warnings.push(...Object.values(read.catalogue.formerKeys ?? {}).flat(), ...ttlWarnings(read));
    const content = await checkContent(read, directory, deps);
    warnings.push(...content.warnings);
    await checkNamed(read, directory, content.problems, trust, deps);
  });
  return { checked: [file], problems, warnings };
}

function ttlWarnings(read: ReadCatalogue): readonly Problem[] {
  return Object.entries(read.catalogue.roles).flatMap(([role, { dns }]) =>
    dns.flatMap(({ ttl }, index) => {
      if (ttl <= longTtl) return [];
      return [
        read.problem(
          ["roles", role, "dns", index, "ttl"],
          `at most ${longTtl}, to be forgotten in time at a spot notice`,
          `${ttl}`,
        ),
      ];
    }),
  );
}

/** @throws InvalidFileError for names of missing files, units that could never start, or tags without trust */
async function checkNamed(
  read: ReadCatalogue,
  directory: string,
  content: readonly Problem[],
  trust: Trust,
  deps: CheckDeps,
): Promise<void> {
  // For an empty submodule, git's problem says more than a missing path.
  const isTold = ({ line, column }: Problem) => content.some((each) => each.line === line && each.column === column);
  const problems = [
    ...content,
    ...(await fileProblems(read, directory, deps)).filter((each) => !isTold(each)),
    ...(await unitProblems(read, deps)),
    ...(trust === undefined ? [] : tagProblems(read, trust)),
  ];
  if (problems.length > 0) throw new InvalidFileError("catalogue-invalid", "The catalogue is", problems);
}

/** Such a role is held on instances with these settings. */
function tagProblems(read: ReadCatalogue, trust: readonly Trusted[]): readonly Problem[] {
  return Object.values(read.catalogue.roles).flatMap((role) =>
    untrustedUses(role, trust).map(({ key, path }) =>
      read.problem(
        ["roles", role.name, ...path],
        `a tag that tags.trust of the settings lists (${trust.join(", ")})`,
        `{tag.${key}}; list ${trustedKey(key)} there`,
      ),
    ),
  );
}

/** A unit that waits for muster-ready.target waits for the gates, and the gates wait for the unit. */
async function unitProblems(read: ReadCatalogue, deps: CheckDeps): Promise<readonly Problem[]> {
  const checks = Object.entries(read.catalogue.roles).flatMap(([role, { health }]) =>
    (["system", "service", "smoke"] as const).flatMap((tier) =>
      health[tier].map(({ target }, index) => ({ target, at: ["roles", role, "health", tier, index, "unit"] })),
    ),
  );
  const problems = await Promise.all(
    checks.map(async ({ target, at }) => {
      if (target.kind !== "unit" || !(await deps.orderedAfter(target.unit)).includes(units.ready)) return [];
      return [read.problem(at, `a unit that is not ordered after ${units.ready}`, `${target.unit}, which is`)];
    }),
  );
  return problems.flat();
}

async function fileProblems(read: ReadCatalogue, directory: string, deps: CheckDeps): Promise<readonly Problem[]> {
  const wanted = Object.entries(read.catalogue.roles).flatMap(([name, role]) =>
    namedPaths(role).map((named) => ({ ...named, at: ["roles", name, ...named.at] })),
  );
  const problems = await Promise.all(
    wanted.map(async ({ at, path, kinds }) => {
      const kind = await deps.kindOf(posix.join(directory, path));
      if (kind !== undefined && kinds.includes(kind)) return [];
      const found = `${kind === undefined ? "nothing" : `a ${kind}`} at ${path}`;
      return [read.problem(at, `a ${kinds.join(" or a ")} of the config repo`, found)];
    }),
  );
  return problems.flat();
}

async function problemsFrom(work: () => unknown): Promise<readonly Problem[]> {
  try {
    await work();
    return [];
  } catch (error) {
    if (error instanceof InvalidFileError) return error.problems;
    throw error;
  }
}

function print({ checked, problems, warnings }: Report, { options }: CommandInput, io: CommandIo): void {
  if (options["json"] === true) {
    io.out(`${jsonText({ valid: problems.length === 0, checked, problems, warnings }, 2)}\n`);
    return;
  }
  for (const { message, ...position } of warnings) {
    const line = formatProblem({ ...position, message: `warning: ${message}` });
    io.out(`${wrap(plain(line), io.columns, 2)}\n`);
  }
  for (const problem of problems) io.out(`${wrap(plain(formatProblem(problem)), io.columns, 2)}\n`);
  if (problems.length === 0) io.out(`${wrap(plain(`valid: ${checked.join(", ")}`), io.columns, 2)}\n`);
}

function missing(file: string): MusterError {
  return new MusterError({
    code: "usage-no-catalogue",
    message: `There is no catalogue: ${file} does not exist`,
    hint: "Give the root of the config repo, where its muster.yaml is.",
  });
}
