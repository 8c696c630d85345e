import { MusterError } from "../../domain/errors.ts";
import { isRefName, printable } from "../../domain/names.ts";
import { nearest } from "../../domain/nearest.ts";
import { catalogueFile } from "../../domain/paths.ts";
import { isCommitId, matchesRefGlob } from "../../domain/ref-glob.ts";
import type { Catalogue, Role } from "../../domain/role.ts";
import type { ConfigSource, Sourced } from "../../domain/settings.ts";
import type { RepoRef } from "../../ports/config-repo.ts";
import type { ObservedCommit, ObservedRefs } from "./observe.ts";
import type { AppliedConfig, ConfigInput } from "./result.ts";

/** What config does to the host. */
export type ConfigStep =
  | { readonly kind: "check-out"; readonly commit: string }
  /** Removes all worktrees but these commits'. */
  | { readonly kind: "prune"; readonly keep: readonly string[] };

export type Wanted = Sourced<string>;

/**
 * The commit that a wish means, if the settings allow it. Pure.
 *
 * A wish is the name of a branch or tag that fits a glob of `allowed`, or a commit id that is reachable from
 * such a branch or tag. Nothing else gets through: no path of refs, no range, no option.
 * @throws MusterError `ref-not-allowed`, `ref-unknown`, `ref-ambiguous`
 */
export function resolveRef(wanted: Wanted, observed: ObservedRefs, allowed: readonly string[]): AppliedConfig {
  const name = wanted.value;
  if (!isRefName(name) || /^refs\/|^HEAD$/.test(name))
    throw notAllowed(wanted, "is no name of a branch, tag or commit", allowed);
  const isAllowed = (ref: string): boolean => allowed.some((glob) => matchesRefGlob(glob, ref));
  const commit = isCommitId(name) ? observed.commit : undefined;
  const named = /^[0-9a-f]{40}$/.test(name) ? [] : observed.refs.filter((ref) => ref.name === name);
  const meanings = new Set([...named.map((ref) => ref.commit), ...(commit === undefined ? [] : [commit])]);
  if (meanings.size > 1) throw ambiguous(wanted, named, commit);
  const [ref] = named;
  if (ref !== undefined) {
    if (!isAllowed(name)) throw notAllowed(wanted, "is not among the refs that the settings allow", allowed);
    return { commit: ref.commit, ref: name, refKind: ref.kind };
  }
  if (commit !== undefined) {
    if (observed.containing.some((each) => isAllowed(each.name))) return { commit, ref: name, refKind: "commit" };
    throw notAllowed(wanted, "is a commit that no branch or tag allowed by the settings contains", allowed);
  }
  if (!isAllowed(name) && !isCommitId(name)) {
    throw notAllowed(wanted, "is not among the refs that the settings allow", allowed);
  }
  throw unknown(wanted, observed.refs.map((each) => each.name).filter(isAllowed));
}

/**
 * Whether the commit may be applied on this host. Pure.
 *
 * History counts as rewritten when the branch or tag of the same name as last time now points at a commit that does
 * not contain the one applied last. Another ref, or a commit by its id, is a decision and not a rewrite.
 * @throws MusterError `commit-unsigned`, `commit-signature-bad`, `history-rewritten`
 */
export function checkTrust(chosen: AppliedConfig, observed: ObservedCommit, input: ConfigInput): void {
  const { source, applied } = input;
  const short = shortOf(chosen.commit);
  if (source.allowedSignersFile !== undefined) {
    if (observed.signature.kind === "none") throw unsigned(short, source);
    if (observed.signature.kind === "bad") throw badSignature(short, observed.signature.why, source);
  }
  const same = applied !== undefined && isSameMovingRef(applied, chosen);
  if (same && !observed.containsApplied && !source.allowRewrite) throw rewritten(chosen, applied);
}

/** Whether both were asked for by the same name, which may only move forward: also from a branch to a tag. */
function isSameMovingRef(applied: AppliedConfig, chosen: AppliedConfig): boolean {
  return chosen.refKind !== "commit" && applied.refKind !== "commit" && applied.ref === chosen.ref;
}

/** @throws MusterError `catalogue-missing` */
export function catalogueTextOf(chosen: AppliedConfig, observed: ObservedCommit): string {
  if (observed.catalogue !== undefined) return observed.catalogue;
  throw new MusterError({
    code: "catalogue-missing",
    message: `Commit ${shortOf(chosen.commit)} of ${chosen.ref} has no file ${catalogueFile} at its root`,
    hint: `Add ${catalogueFile} with the roles to the config repo (a symbolic link is not followed), or correct config.url or the ref.`,
  });
}

/** @throws MusterError `role-unknown` */
export function roleOf(catalogue: Catalogue, wanted: Wanted, chosen: AppliedConfig): Role {
  const role = Object.hasOwn(catalogue.roles, wanted.value) ? catalogue.roles[wanted.value] : undefined;
  if (role !== undefined) return role;
  const names = Object.keys(catalogue.roles).toSorted();
  throw new MusterError({
    code: "role-unknown",
    message: `The catalogue of ${chosen.ref} (${shortOf(chosen.commit)}) has no role ${shown(wanted)}; its roles are ${listed(names)}`,
    hint: `${didYouMean(nearest(wanted.value, names))}Correct the role where it is set, or add it to ${catalogueFile}.`,
  });
}

/** What to do once the commit is chosen. Pure. */
export function planSteps(chosen: AppliedConfig, input: ConfigInput): readonly ConfigStep[] {
  const applied = input.applied === undefined ? [] : [input.applied.commit];
  const keep = [...new Set([chosen.commit, ...applied, ...input.keep])];
  return [
    { kind: "check-out", commit: chosen.commit },
    { kind: "prune", keep },
  ];
}

export function shortOf(commit: string): string {
  return commit.slice(0, 12);
}

function notAllowed(wanted: Wanted, why: string, allowed: readonly string[]): MusterError {
  return new MusterError({
    code: "ref-not-allowed",
    message: `The ref ${shown(wanted)} ${why}`,
    hint: `Allowed are ${listed(allowed)} (config.refs of the settings) and commits that they contain.`,
  });
}

function unknown(wanted: Wanted, names: readonly string[]): MusterError {
  const what = isCommitId(wanted.value) ? "branch, tag or commit" : "branch or tag";
  const known = names.length <= 10 ? ` It has ${listed(names.toSorted())}.` : "";
  return new MusterError({
    code: "ref-unknown",
    message: `The config repo has no ${what} ${shown(wanted)}`,
    hint: `${didYouMean(nearest(wanted.value, names))}Push it, or correct the ref where it is set.${known}`,
  });
}

function ambiguous(wanted: Wanted, named: readonly RepoRef[], commit: string | undefined): MusterError {
  const meanings = named.map((ref) => `${ref.kind} (${shortOf(ref.commit)})`);
  if (commit !== undefined) meanings.push(`commit (${shortOf(commit)})`);
  return new MusterError({
    code: "ref-ambiguous",
    message: `The ref ${shown(wanted)} is a ${meanings.join(" and a ")} of the config repo, and they differ`,
    hint: "Remove or rename one of them, or give a commit id of 40 digits.",
  });
}

function unsigned(short: string, source: ConfigSource): MusterError {
  return new MusterError({
    code: "commit-unsigned",
    message: `Commit ${short} carries no signature, and the settings require one`,
    hint: `Sign it (git commit -S with gpg.format=ssh) with a key listed in ${source.allowedSignersFile}.`,
  });
}

function badSignature(short: string, why: string, source: ConfigSource): MusterError {
  return new MusterError({
    code: "commit-signature-bad",
    message: `The signature of commit ${short} is not good: ${why}`,
    hint: `Have it signed by somebody listed in ${source.allowedSignersFile}, or put the signer's key there.`,
  });
}

function rewritten(chosen: AppliedConfig, applied: AppliedConfig): MusterError {
  return new MusterError({
    code: "history-rewritten",
    message: `The ${chosen.refKind} ${chosen.ref} now points at ${shortOf(chosen.commit)}, which does not contain ${shortOf(applied.commit)}, the commit applied last: its history was rewritten`,
    hint: `If nobody meant that, find out who pushed. If it was meant, merge ${shortOf(applied.commit)} into ${chosen.ref}, choose another ref or a commit id, or set config.allowRewrite in the settings.`,
  });
}

function shown(wanted: Wanted): string {
  return `${JSON.stringify(printable(wanted.value))} (${wanted.from})`;
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}

function didYouMean(name: string | undefined): string {
  return name === undefined ? "" : `Did you mean ${name}? `;
}
