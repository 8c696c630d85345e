import { refusals } from "../domain/settings/clouds.ts";
import { clouds } from "../domain/instance/instance.ts";
import type { Problem } from "../domain/settings/problem.ts";
import { isCommitId } from "../domain/role/ref-glob.ts";
import { allowsRef, writtenRef } from "../domain/role/ref-kind.ts";
import { parseDuration } from "../domain/text/units.ts";
import { settingsDefaults as defaults } from "./defaults.ts";
import { problemAt } from "./problems.ts";
import { find, plain } from "./tree.ts";
import type { Path, Tree } from "./tree.ts";

/** Rules over several values of the settings; they skip values that are invalid by themselves. */
export function settingsRules(tree: Tree): Problem[] {
  return [...plainHttp(tree), ...refBesideRefs(tree), ...waitsInOrder(tree), ...cloudHasIt(tree)];
}

function plainHttp(tree: Tree): Problem[] {
  const url = at(tree, ["config", "url"]);
  if (typeof url !== "string" || !url.startsWith("http://")) return [];
  if (at(tree, ["config", "allowPlainHttp"]) === true) return [];
  return [problemAt(tree, ["config", "url"], "https:// rather than http:// (or config.allowPlainHttp: true)")];
}

function refBesideRefs(tree: Tree): Problem[] {
  const ref = at(tree, ["config", "ref"]) ?? defaults.config.ref;
  const refs = at(tree, ["config", "refs"]);
  if (typeof ref === "string" && isCommitId(ref) && refs === undefined)
    return [
      problemAt(tree, ["config", "ref"], "config.refs beside the id of a commit: which branch or tag contains it"),
    ];
  if (typeof ref !== "string" || isCommitId(ref) || !isTexts(refs)) return [];
  if (allowsRef(refs, writtenRef(ref))) return [];
  return [
    problemAt(tree, ["config", "ref"], `a ref that config.refs allows (${refs.join(", ")})`, JSON.stringify(ref)),
  ];
}

function waitsInOrder(tree: Tree): Problem[] {
  const held: Path = ["retry", "held"];
  const first = at(tree, [...held, "first"]) ?? defaults.retry.held.first;
  const max = at(tree, [...held, "max"]) ?? defaults.retry.held.max;
  if (typeof first !== "string" || typeof max !== "string") return [];
  if ((parseDuration(first) ?? 0) <= (parseDuration(max) ?? Number.POSITIVE_INFINITY)) return [];
  return [problemAt(tree, [...held, "first"], `no more than retry.held.max (${max})`, first)];
}

/** What the cloud does not have. */
function cloudHasIt(tree: Tree): Problem[] {
  const cloud = clouds.find((known) => known === at(tree, ["cloud"]));
  if (cloud === undefined) return [];
  const { localSection, abandon, weights } = refusals[cloud];
  const zones = find(tree, ["dns", "zones"]);
  const routings =
    zones?.kind === "list" ? zones.items.map((_, index): Path => ["dns", "zones", index, "routing"]) : [];
  const weighted = routings.filter((path) => at(tree, path) === "weighted");
  return [
    ...refused(tree, find(tree, ["local"]) === undefined ? [] : [["local"]], "no local section", localSection),
    ...refused(tree, at(tree, ["onFailure"]) === "abandon" ? [["onFailure"]] : [], "hold", abandon),
    ...refused(tree, weighted, "multivalue", weights),
  ];
}

function refused(tree: Tree, paths: readonly Path[], expected: string, why: string | undefined): Problem[] {
  return why === undefined ? [] : paths.map((path) => problemAt(tree, path, `${expected}, because ${why}`));
}

function at(tree: Tree, path: Path): unknown {
  const found = find(tree, path);
  return found === undefined ? undefined : plain(found);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string");
}
