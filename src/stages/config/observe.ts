import { catalogueFile } from "../../domain/paths.ts";
import { isCommitId } from "../../domain/ref-glob.ts";
import type { CommitHead, ConfigRepo, RepoRef, SignatureState } from "../../ports/config-repo.ts";
import type { AppliedConfig, ConfigInput } from "./result.ts";

/** What the mirror knows of a wish. */
export type ObservedRefs = {
  readonly refs: readonly RepoRef[];
  /** The commit that the wish is the id of. */
  readonly commit: string | undefined;
  /** Branches and tags that contain that commit. */
  readonly containing: readonly RepoRef[];
};

/** What the mirror knows of the commit that was chosen. */
export type ObservedCommit = {
  readonly head: CommitHead;
  readonly signature: SignatureState;
  /** Whether the commit applied last is this one or an ancestor of it; true when there is none. */
  readonly containsApplied: boolean;
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
  input: ConfigInput,
  signal: AbortSignal,
): Promise<ObservedCommit> {
  const { applied, source } = input;
  const [head, signature, containsApplied, catalogue] = await Promise.all([
    repo.headOf(chosen.commit, signal),
    source.allowedSignersFile === undefined ? { kind: "none" as const } : repo.signature(chosen.commit, signal),
    applied === undefined || applied.commit === chosen.commit || repo.isAncestor(applied.commit, chosen.commit, signal),
    repo.readFile(chosen.commit, catalogueFile, signal),
  ]);
  return { head, signature, containsApplied, catalogue };
}
