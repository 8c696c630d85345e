import { posix } from "node:path";
import type { HeldAnswer, HeldContent, NotHeld } from "../../domain/role/held-content.ts";
import { printable } from "../../domain/role/names.ts";
import { catalogueFile } from "../../domain/settings/paths.ts";
import type { Problem } from "../../domain/settings/problem.ts";
import {
  dataPaths,
  firstFew,
  isAtOrBelow,
  judgeContent,
  kindNames,
  shownStandIn,
  standInRemedies,
  usedPaths,
  type Missing,
  type UsedPath,
} from "../../domain/role/repo-content.ts";
import type { ReadCatalogue } from "../../settings/catalogue.ts";
import type { TextFile } from "../../settings/yaml.ts";

export type ContentDeps = {
  /** Undefined if there is no such file. */
  readText(file: string): Promise<TextFile | undefined>;
  /** The kind of the file at a path; undefined for none, and for special files. */
  kindOf(path: string): Promise<"file" | "directory" | undefined>;
  /** What git holds at and below paths of a checkout. */
  heldContent(directory: string, paths: readonly string[]): Promise<HeldAnswer>;
};

export type ContentReport = { readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] };

/**
 * Compares the names in the catalogue with the content that git holds: instances get only that, not the working tree.
 */
export async function checkContent(read: ReadCatalogue, directory: string, deps: ContentDeps): Promise<ContentReport> {
  const file = posix.join(directory, catalogueFile);
  const used = (
    await Promise.all(
      Object.entries(read.catalogue.roles).map(async ([name, role]) =>
        (await pathsOf(usedPaths(role), directory, deps)).map((each) => ({ ...each, at: ["roles", name, ...each.at] })),
      ),
    )
  ).flat();
  const paths = [...new Set([catalogueFile, ...used.map(({ path }) => path)])];
  const held = await deps.heldContent(directory, paths);
  if (held === undefined) return { problems: [], warnings: [] };
  if ("unseen" in held) {
    const message = `git does not show what it holds here (${held.unseen}); instances get what it holds and no more`;
    return { problems: [], warnings: [{ file, line: 1, column: 1, message }] };
  }
  const { refused } = judgeContent(used, held.standIns);
  const missing = new Set(refused.map(({ used: each }) => each));
  return {
    problems: [
      ...catalogueProblem(held, file),
      ...refused.map((each) => standInProblem(read, each)),
      ...used.flatMap((each) => notHeldProblem(read, each, held)),
    ],
    warnings: used.filter((each) => !missing.has(each)).flatMap((each) => partialWarning(read, each, held)),
  };
}

/** With the data directories that exist. Another rule reports missing ones. */
async function pathsOf(named: readonly UsedPath[], directory: string, deps: ContentDeps): Promise<readonly UsedPath[]> {
  const data = await Promise.all(
    named
      .filter(({ use }) => use === "hiera")
      .map(async (hiera) => {
        const isFile = (await deps.kindOf(posix.join(directory, hiera.path))) === "file";
        const found = isFile ? await deps.readText(posix.join(directory, hiera.path)) : undefined;
        return dataPaths(hiera, found?.text ?? "");
      }),
  );
  const present = await Promise.all(
    data
      .flat()
      .map(async (each) => ((await deps.kindOf(posix.join(directory, each.path))) === undefined ? [] : [each])),
  );
  return [...named, ...present.flat()];
}

function catalogueProblem({ notHeld }: HeldContent, file: string): readonly Problem[] {
  const why = notHeld.get(catalogueFile);
  if (why === undefined) return [];
  const message = `expected a file that git holds, found ${shown(catalogueFile, why)}`;
  return [{ file, line: 1, column: 1, message, code: "config-content-missing" }];
}

function standInProblem(read: ReadCatalogue, { used, standIn }: Missing): Problem {
  const what =
    standIn.path === used.path
      ? `${printable(used.path, 120)}, ${kindNames[standIn.kind]}`
      : `${printable(used.path, 120)}, where ${printable(standIn.path, 120)} is ${kindNames[standIn.kind]}`;
  return missingProblem(read, used, `${what}; ${standInRemedies[standIn.kind]}`);
}

function notHeldProblem(read: ReadCatalogue, used: UsedPath, { notHeld }: HeldContent): readonly Problem[] {
  const why = notHeld.get(used.path);
  return why === undefined ? [] : [missingProblem(read, used, shown(used.path, why))];
}

function missingProblem(read: ReadCatalogue, { use, at }: UsedPath, found: string): Problem {
  const expected = use === "data" ? "data that git holds" : "a path that git holds";
  return { ...read.problem(at, expected, found), code: "config-content-missing" };
}

function shown(path: string, why: NotHeld): string {
  const name = path === "" ? "." : printable(path, 120);
  switch (why.kind) {
    case "ignored":
      return `${name}, ignored by ${why.by}; change that line, or git add --force ${name}`;
    case "not-added":
      return `${name}, not added; git add ${name}`;
    case "empty":
      return `${name}, a directory without a file, which git does not keep; put one into it`;
    default:
      return why satisfies never;
  }
}

function partialWarning(read: ReadCatalogue, used: UsedPath, held: HeldContent): readonly Problem[] {
  const { warned } = judgeContent([used], held.standIns);
  const leftOut = held.leftOut.filter(({ path }) => isAtOrBelow(path, used.path));
  const names = [
    ...warned.map(shownStandIn),
    ...leftOut.map(
      (each) => `${printable(each.path, 120)} (${each.kind === "ignored" ? `ignored by ${each.by}` : "not added"})`,
    ),
  ];
  if (names.length === 0) return [];
  const problem = read.problem(used.at, "files that git holds, all of them", firstFew(names));
  return [{ ...problem, code: "config-content-partial" }];
}
