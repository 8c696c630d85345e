import type { StandIn } from "../domain/role/repo-content.ts";

/** A branch or tag of the mirror and the commit it points at (annotated tags peeled). */
export type RepoRef = {
  readonly kind: "branch" | "tag";
  /** Without `refs/heads/` or `refs/tags/`. */
  readonly name: string;
  readonly commit: string;
};

/** The facts by which people know a commit. */
export type CommitHead = {
  /** The first line of its message, without control characters, at most 100 characters. */
  readonly subject: string;
  /** The name that its author gave, without control characters, at most 60 characters. */
  readonly author: string;
  /** When it was committed, by the committer's clock; ISO 8601, UTC. */
  readonly committedAt: string;
};

/** Whether a commit is signed with a key that the image trusts. */
export type SignatureState =
  | { readonly kind: "good"; readonly signer: string }
  | { readonly kind: "bad"; readonly why: string }
  | { readonly kind: "none" };

/** Side effects of a fetch. */
export type FetchReport = {
  /** Why the mirror was built anew, one plain sentence; absent if it was only updated. */
  readonly rebuilt?: string;
  /** Allowed refs that the mirror lacks, and why, one plain sentence. */
  readonly leftOut?: string;
};

/** A throw-away copy of the repo, for a dry run. */
export type ScratchRepo = {
  readonly repo: ConfigRepo;
  dispose(): Promise<void>;
};

/**
 * The config repo: a bare mirror in the state directory and one worktree per commit.
 *
 * Contract: every operation may be killed at any point and done again. `fetch` changes only the mirror,
 * never a worktree. A worktree is complete or absent: it appears under its final path in one rename, and
 * a damaged one is made anew. Nothing of the repo is executed (no hooks, no filters, no submodules, no
 * fsmonitor). Errors never hold credentials. An operation that finds the mirror damaged throws
 * `config-mirror-damaged` (transient): the next `fetch` builds it anew.
 */
export interface ConfigRepo {
  /**
   * Brings the mirror up to date with the URL of the settings: it holds the branches and tags that `config.refs`
   * allows and no others, bounded in number and size. A mirror of another URL or a damaged one is replaced, in one
   * rename once its successor is complete.
   * @param timeoutMs a fetch that takes longer is stopped; a server that says nothing is given up sooner
   * @throws MusterError `config-fetch-failed` (server down, time-out, DNS), `config-access-denied`,
   *   `config-host-key-unknown`, `config-certificate-refused`, `config-repo-not-found`
   *   (all worth a retry later: transient), `config-content-refused`, `config-too-large`
   * @param wanted what the run asks for, a name or a commit id: where not all can be fetched, it is
   */
  fetch(timeoutMs: number, signal: AbortSignal, wanted?: string): Promise<FetchReport>;
  /**
   * The commit of a branch or tag of this name on the server now; requests no more than that and changes nothing. A
   * name without its kind means the branch if both exist.
   * @returns undefined if the server has no such name, or the settings do not allow it
   * @throws MusterError as `fetch`
   */
  headOnServer(name: string, timeoutMs: number, signal: AbortSignal): Promise<string | undefined>;
  /** Whether there is a mirror of the settings' URL with at least one allowed ref: an offline run is possible. */
  hasMirror(signal: AbortSignal): Promise<boolean>;
  /** The branches and tags of the mirror that the settings allow. */
  refs(signal: AbortSignal): Promise<readonly RepoRef[]>;
  /** The full commit id for a full or abbreviated (at least 7 digits) commit id, if the mirror has exactly one such commit. */
  findCommit(id: string, signal: AbortSignal): Promise<string | undefined>;
  /** The allowed branches and tags that `commit` is reachable from. */
  refsContaining(commit: string, signal: AbortSignal): Promise<readonly RepoRef[]>;
  /** Whether `ancestor` is `descendant` or an ancestor of it; false when the mirror lacks either. */
  isAncestor(ancestor: string, descendant: string, signal: AbortSignal): Promise<boolean>;
  headOf(commit: string, signal: AbortSignal): Promise<CommitHead>;
  signature(commit: string, signal: AbortSignal): Promise<SignatureState>;
  /**
   * The text of a file in a commit; undefined if there is no regular file of that name.
   * @throws MusterError `config-file-too-large` over 1 MiB
   */
  readFile(commit: string, path: string, signal: AbortSignal): Promise<string | undefined>;
  /** The submodules and LFS pointers of a commit at, above and below these paths: git holds no content for them. */
  standIns(commit: string, paths: readonly string[], signal: AbortSignal): Promise<readonly StandIn[]>;
  /** The absolute path of the worktree of `commit`, made if necessary. */
  checkout(commit: string, signal: AbortSignal): Promise<string>;
  /** Removes worktrees other than these commits'. */
  prune(keep: readonly string[], signal: AbortSignal): Promise<void>;
  /** A copy with the content of the mirror that shares no writable file. */
  scratch(signal: AbortSignal): Promise<ScratchRepo>;
}
