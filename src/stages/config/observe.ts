import { catalogueFile } from "../../domain/settings/paths.ts";
import { isCommitId } from "../../domain/role/ref-glob.ts";
import type { CommitHead, ConfigRepo, RepoRef, SignatureState } from "../../ports/config-repo.ts";
import type { AppliedConfig, ConfigInput, RefMark } from "./result.ts";

/** The refs of the mirror that matter for the requested ref. */
export type ObservedRefs = {
  readonly refs: readonly RepoRef[];
  /** The commit, if the requested ref is a commit id. */
  readonly commit: string | undefined;
  /** Branches and tags that contain that commit. */
  readonly containing: readonly RepoRef[];
};

/** The facts of the mirror about the chosen commit. */
export type ObservedCommit = {
  readonly head: CommitHead;
  readonly signature: SignatureState;
  /** The mark that the commit does not contain, if any. */
  readonly behind?: RefMark;
  /** The relation of the commit to `config.since`: not in the repo at all, or not an ancestor. Absent: as required. */
  readonly since?: "unknown" | "not-contained";
  readonly catalogue: string | undefined;
};

export async function observeRefs(repo: ConfigRepo, name: string, signal: AbortSignal): Promise<ObservedRefs> {
  const refs = await repo.refs(signal);
  const commit = isCommitId(name) ? await repo.findCommit(name, signal) : undefined;
  const containing = commit === undefined ? [] : await repo.refsContaining(commit, signal);
  return { refs, commit, containing };
}

export async function observeCommit(
  repo: ConfigRepo,
  chosen: AppliedConfig,
  marks: readonly RefMark[],
  source: ConfigInput["source"],
  signal: AbortSignal,
): Promise<ObservedCommit> {
  const { commit } = chosen;
  const [head, signature, behind, since, catalogue] = await Promise.all([
    repo.headOf(commit, signal),
    source.allowedSignersFile === undefined ? { kind: "none" as const } : repo.signature(commit, signal),
    firstBehind(repo, commit, marks, signal),
    compareWithSince(repo, commit, source.since, signal),
    repo.readFile(commit, catalogueFile, signal),
  ]);
  return {
    ...{ head, signature, catalogue },
    ...(behind === undefined ? {} : { behind }),
    ...(since === undefined ? {} : { since }),
  };
}

async function firstBehind(
  repo: ConfigRepo,
  commit: string,
  marks: readonly RefMark[],
  signal: AbortSignal,
): Promise<RefMark | undefined> {
  for (const mark of marks) {
    if (mark.commit !== commit && !(await repo.isAncestor(mark.commit, commit, signal))) return mark;
  }
  return undefined;
}

async function compareWithSince(
  repo: ConfigRepo,
  commit: string,
  since: string | undefined,
  signal: AbortSignal,
): Promise<ObservedCommit["since"]> {
  if (since === undefined || since === commit || (await repo.isAncestor(since, commit, signal))) return undefined;
  return (await repo.findCommit(since, signal)) === undefined ? "unknown" : "not-contained";
}
