import { MusterError } from "../../domain/errors/errors.ts";
import {
  dataPaths,
  firstFew,
  judgeContent,
  kindNames,
  shownStandIn,
  standInRemedies,
  usedPaths,
  type StandIn,
  type UsedPath,
} from "../../domain/role/repo-content.ts";
import { printable } from "../../domain/role/names.ts";
import type { Role } from "../../domain/role/role.ts";
import type { ConfigRepo } from "../../ports/config-repo.ts";
import { shortOf } from "./plan.ts";
import type { AppliedConfig } from "./result.ts";

/** The content of a commit at the paths that a role uses. */
export type ObservedContent = {
  readonly used: readonly UsedPath[];
  readonly standIns: readonly StandIn[];
};

/** Finds submodules and LFS pointers in the content that the role uses, the data of its Hiera file included. */
export async function observeContent(
  repo: ConfigRepo,
  { commit }: Pick<AppliedConfig, "commit">,
  role: Role,
  signal: AbortSignal,
): Promise<ObservedContent> {
  const named = usedPaths(role);
  const data = await Promise.all(
    named
      .filter(({ use }) => use === "hiera")
      .map(async (hiera) => dataPaths(hiera, (await repo.readFile(commit, hiera.path, signal)) ?? "")),
  );
  const used = [...named, ...data.flat()];
  const paths = [...new Set(used.map(({ path }) => path))];
  return { used, standIns: await repo.standIns(commit, paths, signal) };
}

/**
 * Whether the role can work with the content of the commit. Pure.
 * @returns missing content that may not matter, in words; undefined without any
 * @throws MusterError `config-content-missing`
 */
export function checkContent(
  { commit }: Pick<AppliedConfig, "commit">,
  role: Pick<Role, "name">,
  { used, standIns }: ObservedContent,
): string | undefined {
  const { refused, warned } = judgeContent(used, standIns);
  const [first] = refused;
  if (first === undefined) {
    if (warned.length === 0) return undefined;
    return `Commit ${shortOf(commit)} does not hold all that is below the paths of role ${role.name}: ${firstFew(warned.map(shownStandIn))}. An instance gets an empty directory or the pointer's text there`;
  }
  const kinds = new Set(refused.map(({ standIn }) => standIn.kind));
  throw new MusterError({
    code: "config-content-missing",
    message: `Commit ${shortOf(commit)} does not hold what role ${role.name} needs: ${firstFew([...new Set(refused.map(({ used: { use, path }, standIn }) => needed(use, path, standIn)))])}`,
    hint: [...kinds].map((kind) => standInRemedies[kind]).join(" "),
  });
}

function needed(use: UsedPath["use"], path: string, standIn: StandIn): string {
  if (standIn.path === path) return `${printable(path, 120)} (${use}) is ${kindNames[standIn.kind]}`;
  return `${printable(path, 120)} (${use}): ${printable(standIn.path, 120)} is ${kindNames[standIn.kind]}`;
}
