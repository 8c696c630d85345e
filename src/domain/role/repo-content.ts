import { pathsOf, type NamedPath } from "./engines.ts";
import { printable } from "./names.ts";
import type { Role } from "./role.ts";

// The content that a role uses of the config repo, and the stand-ins that git holds in place of content.

/** Stand-ins for content that muster does not fetch. */
export type StandIn = { readonly kind: "submodule" | "lfs-pointer"; readonly path: string };

export type UsedPath = {
  /** `data` is a directory that the Hiera file names. */
  readonly use: NamedPath["use"] | "data";
  /** From the root of the repo, without `./` and a slash at its end; empty for the root. */
  readonly path: string;
  /** The value of the catalogue that names it, from the role on. */
  readonly at: readonly (string | number)[];
};

export type Missing = { readonly used: UsedPath; readonly standIn: StandIn };

export type Verdict = {
  /** Without its content the role cannot work. */
  readonly refused: readonly Missing[];
  /** Somewhere below a path that the role uses. */
  readonly warned: readonly StandIn[];
};

/** The paths of the config repo that the catalogue names for a role, as it has them, and from the role on. Pure. */
export function namedPaths({ converge }: Pick<Role, "converge">): readonly NamedPath[] {
  return converge.flatMap((step, index) =>
    pathsOf(step).map((named) => ({ ...named, at: ["converge", index, step.engine, ...named.at] })),
  );
}

/** The same as git writes them. Pure. */
export function usedPaths(role: Pick<Role, "converge">): readonly UsedPath[] {
  return namedPaths(role).map(({ use, path, at }) => ({ use, path: tidyPath(path), at }));
}

/** The directories inside the repo that a Hiera file takes its data from, and `data`, which is Puppet's default. Pure. */
export function dataPaths(hiera: UsedPath, text: string): readonly UsedPath[] {
  const directory = hiera.path.split("/").slice(0, -1).join("/");
  const named = text.split("\n").flatMap((line) => {
    const start = line.indexOf("datadir:");
    if (start < 0 || line.trimStart().startsWith("#")) return [];
    const [value = ""] = line.slice(start + "datadir:".length).split(/[#,}]/, 1);
    const path = value.trim().replaceAll(/["']/g, "");
    // The part before a variable: `data/%{environment}` is somewhere in data.
    const variable = path.indexOf("%{");
    return [variable < 0 ? path : path.slice(0, path.lastIndexOf("/", variable) + 1)];
  });
  const inside = ["data", ...named].filter((path) => !path.startsWith("/") && !path.split("/").includes(".."));
  const paths = inside.filter((path) => tidyPath(path) !== "").map((path) => tidyPath(`${directory}/${path}`));
  return [...new Set(paths)].map((path) => ({ use: "data", path, at: hiera.at }));
}

/**
 * Which stand-ins stop a role, and which may only matter. Pure. A submodule is an empty directory: refused at or above
 * a used path. An LFS pointer is a few lines of text: refused for the code that Puppet starts from and for Hiera's
 * configuration.
 */
export function judgeContent(used: readonly UsedPath[], standIns: readonly StandIn[]): Verdict {
  const refused = used.flatMap((each) =>
    standIns.filter((standIn) => isNeeded(each, standIn)).map((standIn) => ({ used: each, standIn })),
  );
  const named = new Set(refused.map(({ standIn }) => standIn.path));
  const warned = standIns.filter(({ path }) => !named.has(path) && used.some((each) => isAtOrBelow(path, each.path)));
  return { refused, warned };
}

function isNeeded({ use, path }: UsedPath, standIn: StandIn): boolean {
  if (standIn.kind === "submodule") return isAtOrBelow(path, standIn.path);
  if (use === "manifest")
    return standIn.path === path || (standIn.path.endsWith(".pp") && isAtOrBelow(standIn.path, path));
  return use === "hiera" && standIn.path === path;
}

/** Whether a path is another one or below it. */
export function isAtOrBelow(path: string, other: string): boolean {
  return other === "" || path === other || path.startsWith(`${other}/`);
}

/** As git writes a path. */
export function tidyPath(path: string): string {
  return path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}

const shownAtMost = 5;

/** The first few by name, and how many more. */
export function firstFew(names: readonly string[]): string {
  const shown = names.slice(0, shownAtMost).map((name) => printable(name, 120));
  if (names.length > shownAtMost) shown.push(`and ${names.length - shownAtMost} more`);
  return shown.join(", ");
}

/** As `modules/apt (a submodule)`. */
export function shownStandIn({ kind, path }: StandIn): string {
  return `${printable(path, 120)} (${kindNames[kind]})`;
}

export const kindNames: Readonly<Record<StandIn["kind"], string>> = {
  submodule: "a submodule",
  "lfs-pointer": "a Git LFS pointer",
};

export const standInRemedies: Readonly<Record<StandIn["kind"], string>> = {
  submodule: "Commit the files themselves in place of the submodule (git subtree, or a copy).",
  "lfs-pointer": "Take the file out of LFS: git lfs untrack PATTERN, git add --renormalize PATH, and commit.",
};
