import { MusterError } from "../../domain/errors/errors.ts";
import { isRefName, printable } from "../../domain/role/names.ts";
import { nearest } from "../../domain/text/nearest.ts";
import { catalogueFile } from "../../domain/settings/paths.ts";
import { isCommitId } from "../../domain/role/ref-glob.ts";
import { allowsRef, refMeant, withKind, writtenRef, type RefKind } from "../../domain/role/ref-kind.ts";
import type { ConfigSource, Sourced } from "../../domain/settings/settings.ts";
import type { OwnRole, PinnedRole } from "../../ports/catalogue-reader.ts";
import type { RepoRef } from "../../ports/config-repo.ts";
import type { ObservedCommit, ObservedRefs } from "./observe.ts";
import type { AppliedConfig, ConfigInput, RefMark } from "./result.ts";

/** The actions of config on the host. */
export type ConfigStep =
  | { readonly kind: "check-out"; readonly commit: string }
  /** Removes all worktrees except those of these commits. */
  | { readonly kind: "prune"; readonly keep: readonly string[] };

export type Wanted = Sourced<string>;

/**
 * The commit of the requested ref, if the settings allow it. Pure.
 *
 * A request is the name of a branch or tag that fits a glob of `allowed`, with its kind (`heads/`, `tags/`) or without,
 * or a commit id that is reachable from such a branch or tag. All other forms are refused: a path of refs, a range, an
 * option. A ref that is not allowed does not exist here: it can neither be chosen nor make another name ambiguous.
 * @param before what a name without its kind stood for on this host
 * @throws MusterError `ref-not-allowed`, `ref-unknown`, `ref-ambiguous`
 */
export function resolveRef(
  wanted: Wanted,
  observed: ObservedRefs,
  allowed: readonly string[],
  before?: RefKind,
): AppliedConfig {
  const text = wanted.value;
  const wish = writtenRef(text);
  if (!isRefName(text) || /^refs\/|^HEAD$/.test(text) || wish.name === "")
    throw notAllowed(wanted, "is no name of a branch, tag or commit", allowed);
  const refs = observed.refs.filter((ref) => allowsRef(allowed, ref));
  const commit = isCommitId(text) ? observed.commit : undefined;
  const ref = /^[0-9a-f]{40}$/.test(text) ? undefined : refMeant(refs, wish, before);
  if (ref !== undefined && commit !== undefined && ref.commit !== commit) throw ambiguous(wanted, ref, commit);
  if (ref !== undefined) return { commit: ref.commit, ref: ref.name, refKind: ref.kind };
  if (commit !== undefined) {
    if (observed.containing.some((each) => allowsRef(allowed, each))) return { commit, ref: text, refKind: "commit" };
    throw notAllowed(wanted, "is a commit that no branch or tag allowed by the settings contains", allowed);
  }
  if (!allowsRef(allowed, wish) && !isCommitId(text)) {
    throw notAllowed(wanted, "is not among the refs that the settings allow", allowed);
  }
  throw unknown(
    wanted,
    refs.map((each) => each.name),
  );
}

/** Says that the requested name without its kind also stands for another commit; undefined if it does not. Pure. */
export function twinOf(wanted: Wanted, chosen: AppliedConfig, observed: ObservedRefs): string | undefined {
  if (chosen.refKind === "commit" || wanted.value !== chosen.ref) return undefined;
  const twin = observed.refs.find(
    ({ kind, name, commit }) => name === chosen.ref && kind !== chosen.refKind && commit !== chosen.commit,
  );
  if (twin === undefined) return undefined;
  const meanings = `a ${twin.kind} (${shortOf(twin.commit)}) as well as a ${chosen.refKind} (${shortOf(chosen.commit)})`;
  return `The ref ${shown(wanted)} is ${meanings} of the config repo; the ${chosen.refKind} is taken. Write ${withKind(chosen.refKind, chosen.ref)} for it`;
}

/** The kind that the requested name has on this host, as far as it was applied here. Pure. */
export function kindBefore({ selection, applied, marks }: ConfigInput): RefKind | undefined {
  const name = selection.ref.value;
  if (applied?.ref === name && applied.refKind !== "commit") return applied.refKind;
  const kinds = marks.filter(({ ref }) => ref === name).map(({ kind }) => kind);
  return kinds.length === 1 ? kinds[0] : undefined;
}

/**
 * The marks that the chosen branch or tag may not go back behind: its own. For a name without a kind also that of the
 * branch whose place a tag has taken, or the other way round. Pure.
 */
export function marksFor(
  chosen: AppliedConfig,
  wanted: Wanted,
  marks: readonly RefMark[],
  { refs }: ObservedRefs,
): readonly RefMark[] {
  const isGone = (mark: RefMark): boolean => !refs.some(({ kind, name }) => kind === mark.kind && name === mark.ref);
  const isEither = writtenRef(wanted.value).kind === undefined;
  return marks.filter(
    (mark) =>
      mark.ref === chosen.ref &&
      chosen.refKind !== "commit" &&
      (mark.kind === chosen.refKind || (isEither && isGone(mark))),
  );
}

/**
 * Whether the commit may be applied on this host. Pure.
 *
 * History counts as rewritten when a branch or tag points at a commit that does not contain the one that was applied
 * here by that name. Another ref, or a commit by its id, is a decision and not a rewrite.
 * @throws MusterError `commit-unsigned`, `commit-signature-bad`, `commit-before-since`, `history-rewritten`
 */
export function checkTrust(
  chosen: AppliedConfig,
  observed: ObservedCommit,
  { source }: Pick<ConfigInput, "source">,
): void {
  const short = shortOf(chosen.commit);
  if (source.allowedSignersFile !== undefined) {
    if (observed.signature.kind === "none") throw unsigned(short, source);
    if (observed.signature.kind === "bad") throw badSignature(short, observed.signature.why, source);
  }
  if (observed.since !== undefined) throw beforeSince(chosen, observed.since, source.since ?? "");
  if (observed.behind !== undefined && !source.allowRewrite) throw rewritten(chosen, observed.behind);
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
export function roleOf(own: Pick<OwnRole, "pinned" | "names">, wanted: Wanted, chosen: AppliedConfig): PinnedRole {
  if (own.pinned !== undefined) return own.pinned;
  const names = own.names.toSorted();
  throw new MusterError({
    code: "role-unknown",
    message: `The catalogue of ${chosen.ref} (${shortOf(chosen.commit)}) has no role ${shown(wanted)}; its roles are ${listed(names)}`,
    hint: `${didYouMean(nearest(wanted.value, names))}Correct the role where it is set, or add it to ${catalogueFile}.`,
  });
}

/** The steps after the commit is chosen. Pure. */
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

function ambiguous(wanted: Wanted, ref: RepoRef, commit: string): MusterError {
  const meanings = `a ${ref.kind} (${shortOf(ref.commit)}) and a commit (${shortOf(commit)})`;
  return new MusterError({
    code: "ref-ambiguous",
    message: `The ref ${shown(wanted)} is ${meanings} of the config repo, and they differ`,
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

function beforeSince(chosen: AppliedConfig, how: "unknown" | "not-contained", since: string): MusterError {
  const why =
    how === "unknown"
      ? "which is no commit of any ref that is fetched from this config repo"
      : "which it does not contain";
  return new MusterError({
    code: "commit-before-since",
    message: `Commit ${shortOf(chosen.commit)} of ${chosen.ref} does not descend from ${shortOf(since)} (config.since of the settings), ${why}`,
    hint: "Find out who pushed it, or who set the ref: it is an older commit, one of another line, or another repo's. If it was meant, change config.since.",
  });
}

function rewritten(chosen: AppliedConfig, mark: RefMark): MusterError {
  return new MusterError({
    code: "history-rewritten",
    message: `The ${chosen.refKind} ${chosen.ref} now points at ${shortOf(chosen.commit)}, which does not contain ${shortOf(mark.commit)}, the commit of it that was applied last: its history was rewritten`,
    hint: `If nobody meant that, find out who pushed. If it was meant, merge ${shortOf(mark.commit)} into ${chosen.ref}, choose another ref or a commit id, or set config.allowRewrite in the settings.`,
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
